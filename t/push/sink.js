// A push service for benchmarks. It accepts anything, checks nothing and
// answers 201. A path that begins with /stall/ is never answered.
'use strict';
exports.start = () => {};
exports.check = (req) => ({ mode: req.url.split('/')[1] });
exports.accept = () => ({ status: 201 });
