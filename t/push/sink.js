// A push service for benchmarks: takes anything, checks nothing, answers 201;
// a path that begins with /stall/ is never answered.
'use strict';
exports.start = () => {};
exports.check = (req) => ({ mode: req.url.split('/')[1] });
exports.accept = () => ({ status: 201 });
