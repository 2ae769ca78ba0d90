// loop: see loop.html. Its own call goes from one RTCPeerConnection to another.
"use strict";

async function talk() {
	const state = document.body.dataset;
	state.word = document.querySelector("#word").value;
	state.touched = navigator.userActivation.isActive;
	try {
		const stream = await navigator.mediaDevices.getUserMedia(
		    { audio: true });
		const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
		a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
		b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
		b.ontrack = ({ streams }) => {
			const element = document.querySelector("audio");
			element.srcObject = streams[0];
			element.play();
		};
		a.addTrack(stream.getTracks()[0], stream);
		await a.setLocalDescription();
		await b.setRemoteDescription(a.localDescription);
		await b.setLocalDescription();
		await a.setRemoteDescription(b.localDescription);
		b.onconnectionstatechange = () => {
			state.state = b.connectionState;
		};
	} catch (error) {
		state.state = error.name;
	}
}

const button = document.querySelector("[data-do=talk]");
button.onclick = talk;
for (const what of ["online", "offline", "freeze", "resume"])
	for (const target of [window, document])
		target.addEventListener(what, () => {
			document.body.dataset.seen =
			    `${document.body.dataset.seen ?? ""} ${what}`;
		});
