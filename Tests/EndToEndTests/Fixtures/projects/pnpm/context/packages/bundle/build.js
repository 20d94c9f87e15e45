const fs = require('fs');
const path = require('path');

const [from, to] = process.argv.slice(2);
const parts = fs.readdirSync(from).filter(name => name.endsWith('.js')).sort();
fs.mkdirSync(path.dirname(to), { recursive: true });
fs.writeFileSync(to, parts.map(name => `// ${name}\n` + fs.readFileSync(path.join(from, name), 'utf8')).join(''));
