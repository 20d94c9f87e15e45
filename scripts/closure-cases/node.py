"""Node programs: CommonJS, ES modules, packages and their exports, links, scripts."""
import json

bases = {"node": lambda: packaged("libstdc++6", "dash", "coreutils", links={"usr/bin/sh": "dash"}) | {"usr/bin/node": Host("/usr/bin/node")},
         "npm": lambda: bases["node"]() | npm()}
OK = "console.log('READY');\n"


def npm():
    import os
    files = {"usr/bin/npm": Link("../lib/node_modules/npm/bin/npm-cli.js"), "usr/bin/npx": Link("../lib/node_modules/npm/bin/npx-cli.js")}
    for directory, _, names in os.walk("/usr/lib/node_modules/npm"):
        if "/docs" in directory or "/man" in directory: continue
        for name in names:
            path = os.path.join(directory, name)
            files[path[1:]] = Link(os.readlink(path)) if os.path.islink(path) else Host(path)
    return files


def case(name, files, entry=("node", "/app/main.js"), base="node", **more):
    return Case("node", name, base, {k: v if not isinstance(v, dict) else json.dumps(v) for k, v in files.items()}, list(entry), **more)


LIB = {"app/here.js": "exports.x = 1\n", "app/data.json": "{}", "app/dir/index.js": "", "app/pkgdir/package.json": '{"main": "lib/a"}', "app/pkgdir/lib/a.js": "",
       "app/node_modules/dep/package.json": '{"name": "dep", "version": "1.0.0"}', "app/node_modules/dep/index.js": "",
       "app/node_modules/exp/package.json": '{"name": "exp", "exports": {".": {"import": "./a.mjs", "require": "./a.cjs"}, "./sub/*": "./src/*.js", "./gone": "./gone.js"}}',
       "app/node_modules/exp/a.mjs": "export const x = 1; export default 2\n", "app/node_modules/exp/a.cjs": "", "app/node_modules/exp/src/one.js": "", "app/node_modules/exp/inner.js": "",
       "app/node_modules/needs/package.json": '{"main": "./m.js"}', "app/node_modules/needs/m.js": "require('gone-dep')\n",
       "app/node_modules/tries/package.json": '{"main": "./m.js"}', "app/node_modules/tries/m.js": "try { require('gone-dep') } catch (e) {}\n",
       "app/node_modules/badmain/package.json": '{"main": "dist/gone.js"}',
       "app/node_modules/@s/p/package.json": '{"name": "@s/p", "main": "x.js"}', "app/node_modules/@s/p/x.js": ""}
COMMON = [
    ("nothing", "", 0), ("builtin", "const fs = require('fs'); require('node:path'); require('fs/promises')\n", 0), ("own", "require('./here')\n", 0), ("own with .js", "require('./here.js')\n", 0),
    ("gone", "require('gone-dep')\n", 1), ("own gone", "require('./gone')\n", 1), ("case differs", "require('./Here')\n", 1), ("json", "require('./data')\n", 0), ("directory", "require('./dir')\n", 0), ("directory with main", "require('./pkgdir')\n", 0),
    ("parent", "require('../app/here')\n", 0), ("package", "const dep = require('dep')\n", 0), ("package's file gone", "require('dep/gone')\n", 1), ("package by package.json", "require('dep/package.json')\n", 0),
    ("scoped", "require('@s/p')\n", 0), ("scoped gone", "require('@s/gone')\n", 1), ("exports", "require('exp')\n", 0), ("exports subpath", "require('exp/sub/one')\n", 0), ("exports subpath gone", "require('exp/sub/gone')\n", 1),
    ("exports hides", "require('exp/inner.js')\n", 1), ("exports to gone", "require('exp/gone')\n", 1), ("by another", "require('needs')\n", 1), ("by another that tries", "require('tries')\n", 0), ("main is gone", "require('badmain')\n", 1),
    ("in try", "try { require('gone-dep') } catch (e) { }\n", 0), ("in try finally", "try { require('gone-dep') } finally { }\n", 1), ("in catch", "try { require('./here') } catch (e) { require('gone-dep') }\n", 0),
    ("in function", "function f() { require('gone-dep') }\n", 0), ("in function called", "function f() { require('gone-dep') }\nf()\n", 1), ("in arrow", "const f = () => require('gone-dep')\n", 0), ("in arrow called", "const f = () => { require('gone-dep') }\nf()\n", 1),
    ("called at once", "(function () { require('gone-dep') })()\n", 1), ("called at once, arrow", "(() => { require('gone-dep') })()\n", 1), ("async main", "async function main() { require('gone-dep') }\nmain()\nconst log = console.log; console.log = () => setTimeout(log, 50, 'READY')\n", 1),
    ("in handler", "process.on('SIGUSR1', () => { require('gone-dep') })\n", 0), ("if development", "if (process.env.NODE_ENV === 'development') { require('gone-dep') }\n", 0),
    ("if not production", "if (process.env.NODE_ENV !== 'production') require('gone-dep')\n", 1), ("and", "process.env.X && require('gone-dep')\n", 0), ("or", "const x = null || require('gone-dep')\n", 1),
    ("computed", "require('./' + 'here')\n", 0), ("computed gone", "const n = 'gone-dep'; require(n)\n", 1), ("template", "require(`./here`)\n", 0), ("path.join", "require(require('path').join(__dirname, 'here'))\n", 0),
    ("path.join gone", "const path = require('path'); require(path.join(__dirname, 'gone-x'))\n", 1),
    ("in comment", "// require('gone-dep')\n/* require('gone-dep') */\n", 0), ("in string", "const s = \"require('gone-dep')\"\n", 0), ("in regex", "const r = /require('gone-dep')/; const q = a => a / 2 / 1\n", 0), ("in template text", "const s = `require('gone-dep')`\n", 0),
    ("in template value", "const s = `${require('gone-dep')}`\n", 1), ("resolve", "require.resolve('gone-dep')\n", 1), ("other require", "const x = { require: () => 1 }; x.require('gone-dep')\n", 0), ("dynamic import", "import('gone-dep').catch(() => 0)\n", 0),
    ("dynamic import not caught", "import('gone-dep')\nconst log = console.log; console.log = () => setTimeout(log, 500, 'READY')\n", 1), ("class body", "class A { f() { require('gone-dep') } }\n", 0), ("chained", "require('dep')\nconst y = require('gone-dep').thing\n", 1), ("multi line", "const {\n  a,\n  b\n} = require(\n  'gone-dep'\n)\n", 1),
    ("exit before", "console.log('READY'); process.exit(0); require('gone-dep')\n", 0), ("hashbang", "#!/usr/bin/env node\nrequire('./here')\n", 0), ("loop", "for (const x of ['./here']) { require(x) }\n", 0), ("getter", "module.exports = { get a() { return require('gone-dep') } }\n", 0),
    ("ternary", "const z = true ? require('./here') : require('gone-dep')\n", 0),
]
MODULES = [
    ("own", "import { x } from './here.js'\n", 0), ("without extension", "import './here'\n", 1), ("directory", "import './dir'\n", 1), ("gone", "import gone from 'gone-dep'\n", 1), ("side effect gone", "import 'gone-dep'\n", 1), ("builtin", "import fs, { readFileSync } from 'node:fs'\nimport * as p from 'path'\n", 0),
    ("package", "import dep from 'dep'\n", 0), ("exports", "import x, { x as y } from 'exp'\n", 0), ("export from gone", "export * from 'gone-dep'\n", 1), ("export from there", "export { x } from './here.js'\n", 0), ("several lines gone", "import {\n  a,\n  b,\n} from 'gone-dep'\n", 1),
    ("top-level await", "await import('gone-dep')\n", 1), ("top-level await caught", "try { await import('gone-dep') } catch {}\n", 0), ("in text", "const s = `\nimport 'gone-dep'\n`\n", 0), ("imports map", "import '#x'\n", 0), ("imports map gone", "import '#nope'\n", 1),
    ("json without type", "import d from './data.json' with { type: 'json' }\n", 0), ("createRequire", "import { createRequire } from 'module'\nconst require = createRequire(import.meta.url)\nrequire('gone-dep')\n", 1), ("createRequire there", "import { createRequire } from 'module'\nconst require = createRequire(import.meta.url)\nrequire('dep')\n", 0),
    ("import after code", "const a = 1\nimport 'gone-dep'\n", 1), ("meta", "const u = import.meta.url\n", 0), ("lazy", "export async function f() { await import('gone-dep') }\n", 0), ("commonjs with default", "import dep from 'dep'\nexport default dep\n", 0), ("require is not there", "const r = require('./here.js')\n", 1),
]


def cases():
    for name, source, fails in COMMON: yield case("require " + name, {**LIB, "app/main.js": source + OK}, blame=fails and ("ere" if name == "case differs" else "inner" if "hides" in name else "badmain" if "main is" in name else "gone") or "")
    for name, source, fails in MODULES:
        package = {"type": "module", "imports": {"#x": "./here.js"}}
        yield case("import " + name, {**LIB, "app/here.js": "export const x = 1\n", "app/package.json": package, "app/main.js": source + OK}, blame={"without extension": "./here", "directory": "./dir", "require is not there": "require", "imports map gone": "#nope"}.get(name, "gone") if fails else "")
    yield from starts()


def starts():
    app = {**LIB, "app/main.js": OK}
    def start(name, entry, files=None, **more): return case("start " + name, {**app, **(files or {})}, entry, **more)
    yield start("without .js", ["node", "/app/main"])
    yield start("gone", ["node", "/app/server.js"], blame="/app/server.js")
    yield start("relative", ["node", "main.js"], workdir="/app")
    yield start("relative elsewhere", ["node", "main.js"], workdir="/srv", blame="main.js")
    yield start("directory", ["node", "."], {"app/package.json": {"main": "main.js"}}, workdir="/app")
    yield start("directory, main gone", ["node", "."], {"app/package.json": {"main": "dist/server.js"}}, workdir="/app", blame="app")
    yield start("-r there", ["node", "-r", "dep", "main.js"], workdir="/app")
    yield start("-r gone", ["node", "-r", "gone-dep", "main.js"], workdir="/app", blame="gone-dep")
    yield start("--require= gone", ["node", "--require=./gone.js", "main.js"], workdir="/app", blame="gone.js")
    yield start("--import gone", ["node", "--import", "gone-dep", "main.js"], workdir="/app", blame="gone-dep")
    yield start("NODE_OPTIONS gone", ["node", "main.js"], workdir="/app", env=["NODE_OPTIONS=--require gone-dep"], blame="gone-dep")
    yield start("options with values", ["node", "--max-old-space-size=100", "--stack-trace-limit", "10", "/app/main.js"])
    yield start("--env-file gone", ["node", "--env-file=.env", "main.js"], workdir="/app", blame=".env")
    yield start("-e", ["node", "-e", "require('./here'); console.log('READY')"], workdir="/app")
    yield start("-e gone", ["node", "-e", "require('gone-dep')"], workdir="/app", blame="gone-dep")
    yield start("NODE_PATH", ["node", "-e", "require('far'); console.log('READY')"], {"opt/mods/far/index.js": ""}, env=["NODE_PATH=/opt/mods"])
    yield start("parent's node_modules", ["node", "/app/src/deep/a.js"], {"app/src/deep/a.js": "require('dep')\n" + OK})
    yield start("mjs", ["node", "/app/a.mjs"], {"app/a.mjs": "import './b.mjs'\n" + OK, "app/b.mjs": ""})
    yield start("mjs gone", ["node", "/app/a.mjs"], {"app/a.mjs": "import './b.mjs'\n" + OK}, blame="b.mjs")
    yield start("cjs in module package", ["node", "/app/a.cjs"], {"app/package.json": {"type": "module"}, "app/a.cjs": "require('dep')\n" + OK})
    store = "app/node_modules/.pnpm/far@1/node_modules/"
    pnpm = {"app/node_modules/far": Link(".pnpm/far@1/node_modules/far"), store + "far/package.json": {"main": "f.js"}, store + "far/f.js": "require('near')\n", "app/main.js": "require('far')\n" + OK}
    yield start("pnpm", ["node", "/app/main.js"], {**pnpm, store + "near/index.js": ""})
    yield start("pnpm, dependency gone", ["node", "/app/main.js"], pnpm, blame="near")
    yield start("pnpm, store gone", ["node", "/app/main.js"], {"app/node_modules/far": Link(".pnpm/far@1/node_modules/far"), "app/main.js": "require('far')\n" + OK}, blame="far")
    yield start("workspace link", ["node", "/app/main.js"], {"app/node_modules/own": Link("../packages/own"), "app/packages/own/index.js": "", "app/main.js": "require('own')\n" + OK})
    native = {"app/node_modules/nat/package.json": {"main": "a.js"}, "app/node_modules/nat/a.js": "require('./build/n.node')\n", "app/main.js": "require('nat')\n" + OK}
    yield start("native gone", ["node", "/app/main.js"], native, blame="n.node")
    yield start("native of another machine", ["node", "/app/main.js"], {**native, "app/node_modules/nat/build/n.node": Mode(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0\xb7\0" + b"\0" * 100, 0o755)}, blame="n.node")
    yield start("bin link", ["/app/node_modules/.bin/dep"], {"app/node_modules/.bin/dep": Link("../dep/cli.js"), "app/node_modules/dep/cli.js": Mode("#!/usr/bin/env node\nrequire('./index')\n" + OK, 0o755)})
    yield start("bin link, module gone", ["/app/node_modules/.bin/dep"], {"app/node_modules/.bin/dep": Link("../dep/cli.js"), "app/node_modules/dep/cli.js": Mode("#!/usr/bin/env node\nrequire('./gone')\n" + OK, 0o755)}, blame="gone")
    yield start("no node", ["node", "/app/main.js"], {"usr/bin/node": GONE}, blame="node")
    yield start("no libstdc++", ["node", "/app/main.js"], {"usr/lib/x86_64-linux-gnu/libstdc++.so.6": GONE}, blame="libstdc++.so.6")
    yield start("unreadable script", ["node", "/app/main.js"], {"app/main.js": Mode(OK, 0o600)}, user="app", blame="/app/main.js")
    yield start("unreadable modules", ["node", "/app/main.js"], {"app/main.js": "require('dep')\n" + OK, "app/node_modules": Mode(None, 0o700)}, user="app", blame="node_modules")
    yield start("npm missing", ["npm", "start"], workdir="/app", blame="npm")
    for name, script, files, blame in [("there", "node main.js", {}, ""), ("gone", "node server.js", {}, "server.js"), ("bin", "dep", {"app/node_modules/.bin/dep": Mode("#!/bin/sh\necho READY\n", 0o755)}, ""), ("bin gone", "nodemon main.js", {}, "nodemon"), ("without script", None, {}, "start")]:
        scripts = {"start": script} if script else {"build": "x"}
        yield start("npm start " + name, ["npm", "start"], {"app/package.json": {"scripts": scripts, "name": "a"}, **files}, base="npm", workdir="/app", blame=blame)
    yield start("npm run", ["npm", "run", "serve"], {"app/package.json": {"scripts": {"serve": "node main.js"}}}, base="npm", workdir="/app")
    yield start("npm run, no such script", ["npm", "run", "serve"], {"app/package.json": {"scripts": {"start": "node main.js"}}}, base="npm", workdir="/app", blame="serve")
    yield start("npm without package.json", ["npm", "start"], base="npm", workdir="/srv", blame="package.json")
