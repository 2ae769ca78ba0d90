// drive_settings: how drive.mjs starts a browser. Nothing is asked, and nobody
// outside is called.

// Of Chromium.
export function switches({ microphone, push, language, ca }) {
	const denied = microphone === "denied";
	return ["--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage",
		"--autoplay-policy=no-user-gesture-required",
		...denied ? ["--deny-permission-prompts"] :
		    ["--use-fake-ui-for-media-stream"],
		...microphone === "no" ? [] :
		    ["--use-fake-device-for-media-stream"],
		...push === "no" ?
		    ["--disable-blink-features=PushMessaging"] : [],
		...ca ? ["--ignore-certificate-errors"] : [],
		...language ? [`--lang=${language}`,
		    `--accept-lang=${language}`] : []];
}

// Of Firefox.
export function preferences({ microphone, push, language }) {
	return {
		"permissions.default.microphone":
		    microphone === "denied" ? 2 : 1,
		"permissions.default.camera": microphone === "denied" ? 2 : 1,
		// Else the user would be asked for a fake one, too.
		"media.navigator.permission.disabled": microphone !== "denied",
		"media.navigator.streams.fake": microphone !== "no",
		"media.autoplay.default": 0,
		"media.autoplay.blocking_policy": 0,
		"media.autoplay.block-webaudio": false,
		"media.gmp-manager.url": "",
		"browser.sessionstore.resume_from_crash": false,
		"browser.shell.checkDefaultBrowser": false,
		"browser.aboutwelcome.enabled": false,
		"browser.startup.homepage_override.mstone": "ignore",
		"datareporting.policy.dataSubmissionEnabled": false,
		"datareporting.policy.dataSubmissionPolicyBypassNotification":
		    true,
		"toolkit.startup.max_resumed_crashes": -1,
		"app.normandy.enabled": false,
		"services.settings.server": "",
		"network.captive-portal-service.enabled": false,
		"network.connectivity-service.enabled": false,
		"network.proxy.type": 0,
		"permissions.default.desktop-notification": 1,
		"alerts.useSystemBackend": false,
		// More alerts that stay wait for these to be closed.
		"dom.webnotifications.requireinteraction.count": 1000,
		"dom.push.testing.ignorePermission": true,
		"dom.push.enabled": push !== "no",
		...push && push !== "no" ? {
			"dom.push.serverURL": push,
			// The driver turns it off.
			"dom.push.connection.enabled": true,
			"dom.push.retryBaseInterval": 200,
			// Of pushes that no alert of a desktop has shown.
			"dom.push.maxQuotaPerSubscription": 10000,
			"dom.push.testing.allowInsecureServerURL": true
		} : {},
		...language ? { "intl.accept_languages": language } : {}
	};
}
