// Two SMS services, one as Twilio's (a form, Basic authorization, 201) and one
// as Vonage's (JSON, answers 200 with a status inside). The last four digits of
// the number choose the answer.
'use strict';

exports.start = () => {};

function twilio(req, body) {
	const form = new URLSearchParams(body.toString());
	const basic = Buffer.from((req.headers.authorization || '')
	    .replace(/^Basic /, ''), 'base64').toString();
	return { form: Object.fromEntries(form), basic,
	    to: form.get('To') || '' };
}

function vonage(req, body) {
	const object = JSON.parse(body);
	return { form: object, basic: '', to: object.to,
	    header: req.headers['x-api-key'] };
}

exports.check = (req, body) => {
	const isTwilio = req.url.startsWith('/2010-04-01/Accounts/');
	const checked = { isTwilio, entry: {} };
	try {
		const sms = isTwilio ? twilio(req, body) : vonage(req, body);
		const last = sms.to.slice(-4);
		Object.assign(checked.entry, sms);
		checked.key = sms.to;
		checked.last = last;
		checked.mode = { '0503': 'once-s503-1', '0429': 's429',
		    '0400': 's400', '0500': 's500', '0504': 's503',
		    '0777': 'stall', '0888': 'drop', '0999': 'reset'
		    }[last] || 'ok';
		if (isTwilio && sms.basic !== 'AC123:secret&word')
			checked.wrong = 'authorization';
	} catch (e) {
		checked.wrong = e.message;
	}
	return checked;
};

exports.accept = (checked) => checked.isTwilio ?
    { status: 201, body: { sid: 'SM1', status: 'queued' } } :
    { status: 200, body: { 'message-count': '1', messages: [{ to: 'x',
        status: { '0001': '1', '0006': '6' }[checked.last] || '0' }] } };
exports.refuse = () => ({ status: 401, body: { code: 20003 } });
