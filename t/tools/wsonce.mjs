// Open a WebSocket, send each further argument as a message, and print what
// comes, one event per line as JSON. It ends with the connection, or after as
// many answers as there were messages.
//
//	node --experimental-websocket wsonce.mjs URL [MESSAGE...]
const [url, ...messages] = process.argv.slice(2);
const socket = new WebSocket(url);
let left = messages.length;

const say = (...words) => console.log(words.join(" "));

socket.onopen = () => {
	say("open");
	for (const message of messages)
		socket.send(message.replaceAll("\\r\\n", "\r\n"));
};
socket.onmessage = (event) => {
	say("message", JSON.stringify(event.data));
	if (--left === 0)
		socket.close();
};
socket.onerror = () => say("error");
socket.onclose = (event) => say("close", event.code);
