const assert = require('assert');
const handle = require('../src/server');

assert.deepStrictEqual(handle('/sum/2/3'), { sum: 5 });
assert.strictEqual(handle('/nothing'), undefined);
