// system: that of a phone, of which a scenario has the strings. It is evaluated in
// the page that is open (web NAME eval), before the page calls.
//
// rpSystem.mute(true) takes the microphone, as a phone does, and mute(false) gives
// it back; the track of now is rpSystem.track, and opened says how many there were.
// locks is how many of the screen are held. actions are the system's controls, and
// hangUp() is that one of them. mark() remembers how much sound has come, and
// grown() says whether there is more.
(() => {
	const system = window.rpSystem = { muted: false, opened: 0, locks: 0,
	    actions: {} };
	const { mediaDevices, mediaSession, wakeLock } = navigator;
	const open = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.getUserMedia = async (wanted) => {
		const stream = await open(wanted);
		const [track] = stream.getAudioTracks();
		Object.defineProperty(track, "muted",
		    { get: () => system.muted });
		// Firefox's tracks hear no events that are made up.
		const on = { mute: [], unmute: [] };
		const listen = track.addEventListener.bind(track);
		track.addEventListener = (name, done) => on[name] ?
		    on[name].push(done) : listen(name, done);
		system.fire = (name) => on[name].forEach((done) => done());
		system.track = track;
		system.opened++;
		return stream;
	};
	system.mute = (muted) => {
		system.muted = muted;
		system.fire(muted ? "mute" : "unmute");
	};
	const set = mediaSession.setActionHandler.bind(mediaSession);
	mediaSession.setActionHandler = (name, action) => {
		set(name, action);
		system.actions[name] = action;
	};
	system.hangUp = () => (system.actions.hangup ?? system.actions.stop)();
	const lock = wakeLock?.request.bind(wakeLock);
	if (lock)
		wakeLock.request = async (kind) => {
			const held = await lock(kind);
			system.locks++;
			held.addEventListener("release", () => system.locks--);
			return held;
		};
	const energy = async () => [...(await phone.call.engine.pc.getStats())
	    .values()].find(({ type, kind }) => type === "inbound-rtp" &&
	    kind === "audio")?.totalAudioEnergy ?? 0;
	system.mark = async () => { system.from = await energy(); };
	system.grown = async () => await energy() > system.from;
	// How many milliseconds after the start there is sound again.
	system.sounds = async (start) => {
		await system.mark();
		while (!await system.grown())
			await new Promise((done) => setTimeout(done, 10));
		return Math.round(performance.now() - start);
	};
	// The same from when the page is thawed next; the result is in thawed.
	system.thaws = () => {
		system.thawed = 0;
		document.addEventListener("resume", async () => {
			system.thawed = await system.sounds(performance.now());
		}, { once: true });
	};
})()
