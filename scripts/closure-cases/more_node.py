"""Node programs of other shapes: real frameworks, kinds of modules that do not mix, tools that start programs, settings."""
import json, os

bases = {"express4": lambda: bases_of("node") | walk(f"{work}/npm/node_modules", "app/node_modules")}
OK = "console.log('READY');\n"


def bases_of(name):
    files = packaged("libstdc++6", "dash", "coreutils", links={"usr/bin/sh": "dash"}) | {"usr/bin/node": Host("/usr/bin/node")}
    return files


def walk(root, below):
    files = {}
    for directory, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in ("test", "tests", "docs")]
        for name in names + [f for f in folders if os.path.islink(os.path.join(directory, f))]:
            path = os.path.join(directory, name)
            files[below + path[len(root):]] = Link(os.readlink(path)) if os.path.islink(path) else Host(path)
    return files


def case(name, files, entry=("node", "main.js"), base="node", **more):
    return Case("more node", name, base, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in files.items()}, list(entry), workdir=more.pop("workdir", "/app"), seconds=20, **more)


def cases():
    yield from kinds()
    yield from starting()
    yield from tools()
    if os.path.isdir(f"{work}/npm/node_modules"): yield from frameworks()


DEP = {"app/node_modules/dep/package.json": {"name": "dep"}, "app/node_modules/dep/index.js": "exports.x = 1;\n"}
ESM = {"app/node_modules/esm/package.json": {"name": "esm", "type": "module", "exports": "./i.js"}, "app/node_modules/esm/i.js": "export const x = 1;\nexport default 2;\n"}


def kinds():
    def text(name, source, files=None, **more): return case(name, {"app/main.js": source + OK, **DEP, **ESM, **(files or {})}, **more)
    yield text("require of a package of modules", "require('esm');\n", blame="esm")
    yield text("dynamic import of a package of modules", "import('esm').then(m => m.x);\n")
    yield text("dynamic import with then and no catch, gone", "import('gone-dep').then(() => {});\nconst l = console.log; console.log = () => setTimeout(l, 500, 'READY');\n", blame="gone-dep")
    yield text("import in a file of require", "import x from 'dep';\n", {"app/package.json": {"type": "commonjs"}}, blame="main.js")
    yield text("import without a type, found out", "import x from 'gone-dep';\n", blame="gone-dep")
    yield text("__dirname in a module", "console.log(__dirname);\n", {"app/package.json": {"type": "module"}}, blame="__dirname")
    yield text("require in a module", "const d = require('dep');\n", {"app/package.json": {"type": "module"}}, blame="require")
    yield text("module.exports in a module", "module.exports = {};\n", {"app/package.json": {"type": "module"}}, blame="module")
    yield text("name that a module has not", "import { nothere } from 'esm';\n", {"app/package.json": {"type": "module"}}, blame="nothere")
    yield text("name that a module has", "import two, { x } from 'esm';\n", {"app/package.json": {"type": "module"}})
    yield text("default that a module has not", "import d from './a.js';\n", {"app/package.json": {"type": "module"}, "app/a.js": "export const x = 1;\n"}, blame="default")
    yield text("name of a package of require", "import { x } from 'dep';\n", {"app/package.json": {"type": "module"}})
    yield text("json without its type", "import d from './d.json';\n", {"app/package.json": {"type": "module"}, "app/d.json": {}}, blame="d.json")
    yield text("json that is damaged", "const d = require('./d.json');\n", {"app/d.json": "{ x"}, blame="d.json")
    yield text("package.json that is damaged", "require('dep');\n", {"app/node_modules/dep/package.json": "{ name: "}, blame="package.json")
    yield text("syntax error", "const x = ;\n", blame="main.js")
    yield text("syntax error in what is required", "require('./a');\n", {"app/a.js": "function (\n"}, blame="a.js")
    yield text("TypeScript in place of JavaScript", "const x: number = 1;\n", blame="main.js")
    yield text("required from a directory above", "require('../lib/a');\n", {"lib/a.js": "require('./b');\n", "lib/b.js": ""})
    yield text("required from a directory above, its own need gone", "require('../lib/a');\n", {"lib/a.js": "require('dep');\n"}, blame="dep")
    yield text("in a switch", "switch (process.env.DB || 'pg') { case 'pg': require('gone-pg'); break; default: require('dep'); }\n", blame="gone-pg")
    yield text("in a promise", "Promise.resolve().then(() => require('gone-dep'));\nconst l = console.log; console.log = () => setTimeout(l, 300, 'READY');\n", blame="gone-dep")
    yield text("in a timer", "setTimeout(() => require('gone-dep'), 1e6).unref();\n")
    yield text("class with a static block", "class A { static x = require('gone-dep'); }\n", blame="gone-dep")
    yield text("constructor called", "class A { constructor() { require('gone-dep'); } }\nnew A();\n", blame="gone-dep")
    yield text("method called", "class A { run() { require('gone-dep'); } }\nnew A().run();\n", blame="gone-dep")
    yield text("function of another file called", "require('./a').run();\n", {"app/a.js": "exports.run = () => require('gone-dep');\n"}, blame="gone-dep")
    yield text("function of another file not called", "require('./a');\n", {"app/a.js": "exports.run = () => require('gone-dep');\n"})
    yield text("try in a helper", "function tryRequire(n) { try { return require(n); } catch (e) { return null; } }\ntryRequire('gone-dep');\n")
    yield text("helper without try", "function load(n) { return require(n); }\nload('gone-dep');\n", blame="gone-dep")
    yield text("thrown again", "try { require('gone-dep'); } catch (e) { throw e; }\n", blame="gone-dep")
    yield text("exit in catch", "try { require('gone-dep'); } catch (e) { console.error(e); process.exit(1); }\n", blame="gone-dep")
    yield text("chosen by the machine", "const n = require('./lib/' + process.platform + '-' + process.arch);\n", {"app/lib/linux-x64.js": ""})
    yield text("chosen by the machine, gone", "const n = require('./lib/' + process.platform + '-' + process.arch);\n", {"app/lib/darwin-x64.js": ""}, blame="linux-x64")
    yield text("chosen by the environment", "require('./config/' + (process.env.NODE_ENV || 'development'));\n", {"app/config/development.js": ""})
    yield text("chosen by the environment, gone", "require(`./config/${process.env.NODE_ENV || 'development'}`);\n", {"app/config/development.js": ""}, env=["NODE_ENV=production"], blame="config/production")
    yield text("folder is read", "require('fs').readdirSync(__dirname + '/routes').forEach(f => require('./routes/' + f));\n", {"app/routes/a.js": ""})
    yield text("folder is read, gone", "require('fs').readdirSync(__dirname + '/routes').forEach(f => require('./routes/' + f));\n", blame="routes")
    yield text("file is read, gone", "const s = require('fs').readFileSync(require('path').join(__dirname, 'schema.sql'), 'utf8');\n", blame="schema.sql")
    yield text("file is read, there", "const s = require('fs').readFileSync('./schema.sql');\n", {"app/schema.sql": ""})
    yield text("file is read if it is there", "const fs = require('fs');\nif (fs.existsSync('./x.json')) fs.readFileSync('./x.json');\n")
    yield text("variable demanded", "if (!process.env.DATABASE_URL) { throw new Error('DATABASE_URL'); }\n", blame="DATABASE_URL")
    yield text("variable demanded, exit", "if (!process.env.DATABASE_URL) { console.error('no'); process.exit(1); }\n", blame="DATABASE_URL")
    yield text("variable demanded, given", "if (!process.env.DATABASE_URL) { console.error('no'); process.exit(1); }\n", env=["DATABASE_URL=x"])
    yield text("self reference", "require('me/sub');\n", {"app/package.json": {"name": "me", "exports": {"./sub": "./s.js"}}, "app/s.js": ""})
    yield text("exports with conditions, one for nobody", "require('cond');\n", {"app/node_modules/cond/package.json": {"exports": {"browser": "./b.js"}}, "app/node_modules/cond/b.js": ""}, blame="cond")
    yield text("exports with a list", "require('cond');\n", {"app/node_modules/cond/package.json": {"exports": {".": [{"import": "./gone.mjs"}, "./a.js"]}}, "app/node_modules/cond/a.js": ""})
    yield text("node: name that is none", "require('node:gone');\n", blame="node:gone")
    yield text("builtin that is newer", "const { DatabaseSync } = require('node:sqlite');\n", blame="node:sqlite")
    yield text("case of a package", "require('Dep');\n", blame="Dep")
    yield text("link to a package outside", "require('out');\n", {"app/node_modules/out": Link("../../packages/out"), "packages/out/index.js": "require('dep');\n"}, blame="dep")
    yield text("link out of the image", "require('out');\n", {"app/node_modules/out": Link("/build/packages/out")}, blame="out")


def starting():
    main = {"app/main.js": OK, **DEP}
    yield case("node src", {**main, "app/src/index.js": OK}, ["node", "src"])
    yield case("node dist/main, not built", main, ["node", "dist/main"], blame="dist/main")
    yield case("node by a link", {**main, "usr/local/bin/tool": Link("/app/cli.js"), "app/cli.js": Mode("#!/usr/bin/env node\nrequire('dep');\n" + OK, 0o755)}, ["tool"])
    yield case("node by a link, modules elsewhere", {"usr/local/bin/tool": Link("/opt/t/cli.js"), "opt/t/cli.js": Mode("#!/usr/bin/env node\nrequire('dep');\n" + OK, 0o755), **DEP}, ["tool"], blame="dep")
    yield case("--preserve-symlinks", {"app/node_modules/out": Link("../../packages/out"), "packages/out/index.js": "require('dep');\n", **DEP, "app/main.js": "require('out');\n" + OK}, ["node", "--preserve-symlinks", "main.js"])
    yield case("shell script that starts node", {**main, "run.sh": "#!/bin/sh\nexec node --enable-source-maps \"$(dirname \"$0\")/app/main.js\" \"$@\"\n"}, ["/run.sh"])
    yield case("shell script that starts node, gone", {**main, "run.sh": "#!/bin/sh\nexec node \"$(dirname \"$0\")/app/server.js\" \"$@\"\n"}, ["/run.sh"], blame="server.js")
    yield case("option that node refuses in NODE_OPTIONS", main, env=["NODE_OPTIONS=--gone-option"], blame="")
    yield case("--import of a file", {**main, "app/pre.mjs": ""}, ["node", "--import", "./pre.mjs", "main.js"])
    yield case("--import of a file, gone", main, ["node", "--import", "./pre.mjs", "main.js"], blame="pre.mjs")
    yield case("--check", main, ["node", "--check", "main.js"])
    yield case("extra certificates gone", main, env=["NODE_EXTRA_CA_CERTS=/etc/gone.pem"])
    yield case("home closed", {**main, "root/.npmrc": "x=1\n"}, user="app", env=["HOME=/root"])
    yield case("a number without an account asks who it is", {"app/main.js": "require('os').userInfo();\n" + OK}, user="4321", blame="")
    yield case("module closed for USER", {**main, "app/main.js": "require('dep');\n" + OK, "app/node_modules/dep/index.js": Mode("", 0o600)}, user="app", blame="dep")


def tools():
    def npm(name, entry, package, files=None, **more): return case(name, {"app/package.json": package, "app/main.js": OK, **(files or {})}, entry, "npm", **more)
    yield npm("npm run with arguments", ["npm", "run", "serve", "--", "--port", "80"], {"scripts": {"serve": "node main.js"}})
    yield npm("npm start with a variable", ["npm", "start"], {"scripts": {"start": "NODE_ENV=production node main.js"}})
    yield npm("npm start with a variable, gone", ["npm", "start"], {"scripts": {"start": "NODE_ENV=production node dist/main.js"}}, blame="dist/main.js")
    yield npm("npm start with prestart, gone", ["npm", "start"], {"scripts": {"prestart": "tsc -p .", "start": "node main.js"}}, blame="tsc")
    yield npm("npm start runs another script", ["npm", "start"], {"scripts": {"start": "npm run serve", "serve": "node main.js"}})
    yield npm("npm start runs another script, gone", ["npm", "start"], {"scripts": {"start": "npm run serve", "serve": "node gone.js"}}, blame="gone.js")
    yield npm("npm start with a tool for development", ["npm", "run", "dev"], {"scripts": {"dev": "vite --host"}}, blame="vite")
    yield npm("npm start with a list", ["npm", "start"], {"scripts": {"start": "node check.js && node main.js"}}, {"app/check.js": ""})
    yield npm("npm start with a list, gone", ["npm", "start"], {"scripts": {"start": "node check.js && node main.js"}}, blame="check.js")
    yield npm("npm --prefix", ["npm", "--prefix", "/app", "start"], {"scripts": {"start": "node main.js"}}, workdir="/")
    yield npm("npm test", ["npm", "test"], {"scripts": {"test": "node main.js"}})
    yield npm("npx of a program", ["npx", "tool"], {}, {"app/node_modules/.bin/tool": Mode("#!/bin/sh\necho READY\n", 0o755)})
    yield npm("npm for USER with a closed directory", ["npm", "start"], {"scripts": {"start": "node main.js"}}, {"app": Mode(None, 0o700)}, user="app", blame="/app")
    yield npm("yarn is not there", ["yarn", "start"], {"scripts": {"start": "node main.js"}}, blame="yarn")
    yield npm("pnpm is not there", ["pnpm", "start"], {"scripts": {"start": "node main.js"}}, blame="pnpm")


def frameworks():
    M = "app/node_modules/"
    def app(name, source, files=None, **more): return case(name, {"app/main.js": source, **(files or {})}, base="express4", **more)
    fastify = "const f = require('fastify')();\nf.listen({ port: 8000, host: '127.0.0.1' }).then(() => console.log('READY'));\n"
    yield app("fastify", fastify)
    for gone in ("avvio", "find-my-way", "ajv", "light-my-request"): yield app(f"fastify without {gone}", fastify, {M + gone: GONE}, blame=gone)
    koa = "const Koa = require('koa');\nnew Koa().listen(8000, '127.0.0.1', () => console.log('READY'));\n"
    yield app("koa", koa)
    for gone in ("koa-compose", "cookies"): yield app(f"koa without {gone}", koa, {M + gone: GONE}, blame=gone)
    ws = "const { WebSocketServer } = require('ws');\nnew WebSocketServer({ port: 8000 }, () => console.log('READY'));\n"
    yield app("ws", ws)
    yield app("ws as a module", ws.replace("const { WebSocketServer } = require('ws')", "import { WebSocketServer } from 'ws'"), {"app/package.json": {"type": "module"}})
    yield app("pino", "require('pino')().info('x');\n" + OK)
    yield app("pino without its part", "require('pino')().info('x');\n" + OK, {M + "sonic-boom": GONE}, blame="sonic-boom")
    yield app("commander", "const { program } = require('commander');\nprogram.parse();\n" + OK)
    yield app("commander as a module", "import { program } from 'commander';\nprogram.parse();\n" + OK, {"app/package.json": {"type": "module"}})
    yield app("dotenv/config", "require('dotenv/config');\n" + OK)
    yield app("-r dotenv/config, gone", OK, {M + "dotenv": GONE}, entry=["node", "-r", "dotenv/config", "main.js"], blame="dotenv")
    yield app("cross-env", OK, entry=["node_modules/.bin/cross-env", "A=1", "node", "main.js"])
    yield app("typescript compiler", OK, entry=["node_modules/.bin/tsc", "--version"])
    yield app("tsx", "", {"app/main.ts": "const x: string = 'READY';\nconsole.log(x);\n"}, entry=["node_modules/.bin/tsx", "main.ts"])
    yield app("tsx without esbuild", "", {"app/main.ts": "console.log('READY');\n", M + "esbuild": GONE}, entry=["node_modules/.bin/tsx", "main.ts"], blame="esbuild")
    sql = "const D = require('better-sqlite3');\nnew D(':memory:');\n" + OK
    yield app("better-sqlite3", sql)
    yield app("better-sqlite3, not built", sql, {M + "better-sqlite3/build": GONE}, blame="better_sqlite3.node")
    yield app("better-sqlite3 without bindings", sql, {M + "bindings": GONE}, blame="bindings")
    yield app("express as before", "const e = require('express');\ne().listen(8000, '127.0.0.1', () => console.log('READY'));\n")
    yield app("express without path-to-regexp", "const e = require('express');\ne().listen(8000, '127.0.0.1', () => console.log('READY'));\n", {M + "path-to-regexp": GONE}, blame="path-to-regexp")
    yield app("express with a view engine that is gone", "const e = require('express');\nconst a = e();\na.set('view engine', 'gone-engine');\na.listen(8000, '127.0.0.1', () => console.log('READY'));\n")
