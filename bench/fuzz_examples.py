"""Valid inputs, from which `bench/fuzz.py` makes invalid ones: manifests and lock files, source code, git's output."""

SOURCES = {
    "a.py": 'import os\n\n@cache\nasync def f(a, *b: int, c="x", **d):\n    """Text."""\n    for x in [y for y in a if y]:\n'
    "        if a and b or not c:\n            try:\n                yield x\n            except (A, B) as e:\n"
    "                raise e from None\n        elif (n := x) > 3:\n            match x:\n                case [1, *_]: pass\n"
    "    return lambda q: f'{q!r:>{a}}'\n\nclass C(B):\n    def g(self): assert self.x, 1\n",
    "a.js": "// a\nexport default class A extends B { static #p = 1; async *m(a, {b, ...c} = {}, [d]) { for await (const x of a) "
    "{ if (x?.y ?? z || !w && /re[/]/g.test(x)) { try { label: while (1) { continue label } } catch { } finally { } } "
    "else switch (x) { case 1: break; default: return `t${x}` } } } get g() { return () => x => y } }\n",
    "a.ts": "namespace N { export function f<T extends keyof U>(this: A, a?: T, ...b: string[]): a is B { "
    "return (a as any)!.b satisfies C } @dec() abstract class X<T> implements Y { constructor(private a = 1) { super() } } }\n"
    "type M<T> = { readonly [K in keyof T]?: T[K] extends infer U ? U : never }\n",
    "a.tsx": "const F: FC<P> = ({a}) => <div {...a} b='c'>{a && <>x{y ? <Z/> : null}</>}</div>\n",
    "a.rb": "class A < B\n  def m(a, b = 1, *c, k:, &d)\n    return x unless a && b || c\n    case a\n    when 1 then <<~T\n"
    "      text #{a}\n    T\n    in {k: [1, *]} then 2\n    end\n    begin; x; rescue E => e; retry; ensure; y; end\n"
    "    c.each { |x| y if x } while z\n  end\n  def self.s = %w[a b]\nend\n",
    "a.php": "<?php\nnamespace A;\n#[At]\nfinal class B extends C implements D { use T; public function __construct("
    "private ?int $a = null, string ...$b) { foreach ($b as $k => &$v) { if ($a and $v || !$k) { throw new E(); } elseif ($k) "
    "{ goto x; } else { echo <<<T\n text {$a}\nT;\n } } return match(true) { $a => fn($x) => $x ?? 1, default => 2 }; } }\n?> html <?= $x ?>\n",
    "a.java": "package a; @A(b = {1, 2}) public final class B<T extends C & D> extends E { int f(final int... a) throws X { "
    "outer: for (var x : a) { if (x > 1 && y || z) { continue outer; } switch (x) { case 1 -> { yield 2; } default -> throw new X(); } } "
    'try (var r = g()) { } catch (A | B e) { } finally { } return a -> b::c; } record P(int x) { } String s = """\n t """; }\n',
    "a.kt": "package a\ndata class A<T>(val b: Int = 1, var c: String? = null) : B(b), C by d {\n  suspend inline fun <R> f(a: Int, vararg b: T, "
    "c: (Int) -> R): R? where T : X = when (a) { 1, 2 -> { for (x in b) { if (a > 1 && b == c || !d) return@f null } ; null } is Int -> "
    'try { c(a) ?: "t ${a}" } catch (e: E) { throw e } else -> a.let { x -> x } }\n  companion object { init { } }\n}\n',
    "a.swift": "@available(iOS 13, *) public struct A<T>: B where T: C { private(set) var b: Int { get { 1 } set { } }\n"
    "  init?(_ a: Int..., b: inout [String: T?]) throws { guard let a = b else { return nil }; for case .some(let x) in a where x > 1 { "
    'if a && b || c, let d = e { do { try f() } catch { } } else { switch x { case 1...2: fallthrough; default: break } } } ; d { $0 + "\\(x)" } }\n}\n',
    "a.go": "package a\n\nfunc (r *R[T]) F(a, b int, c ...string) (x int, err error) {\n\tdefer func() { recover() }()\n\tfor i, v := range c {\n"
    "\t\tif v, ok := m[i]; ok && a > 1 || b < 2 {\n\t\t\tcontinue\n\t\t}\n\t\tswitch x := v.(type) {\n\t\tcase int, string:\n\t\t\tgoto L\n\t\tdefault:\n\t\t}\n"
    "\t\tselect {\n\t\tcase <-ch:\n\t\t}\n\t}\nL:\n\treturn `raw`, nil\n}\n",
    "a.rs": "//! a\n#[derive(A)]\npub(crate) async unsafe fn f<'a, T: B + ?Sized>(&mut self, a: &'a [T; 3]) -> Result<(), Box<dyn E>> where T: C {\n"
    "    'l: loop { if let Some(x) = a.get(0) && y || z { match x { 1..=2 | 3 if q => break 'l, _ => continue } } else { return Err(e)?; } }\n"
    '    let c = move |x| async { r#"raw"# };\n    m!{ a => b }\n}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\n',
    "a.c": "#include <a.h>\n#define M(x, ...) do { \\\n  x } while (0)\n#if A && B\nstatic inline int f(const char *a, int (*b)(void), ...) {\n#else\nint f() {\n#endif\n"
    "  for (int i = 0; i < 3 && a[i] || !b; i++) { switch (i) { case 1: goto x; default: break; } x: do { i ? f() : (void)0; } while (1); }\n  return 'c';\n}\n",
    "a.cpp": "namespace a::b { template <typename T, auto... N> requires C<T> class D final : public E, virtual F<T> { D(int a = 1) noexcept : x{a} {} ~D() = default; "
    "auto operator()(T&& t) const -> decltype(t) { try { for (auto& [k, v] : m) if constexpr (k && v or !t) co_return [=, &k](auto x) mutable { return x; }; } "
    'catch (...) { throw; } return R"(raw)"; } }; }\nTEST(A, B) { EXPECT_EQ(1, 1); }\n',
    "a.cs": "namespace A; [B(1)] public sealed partial record C<T>(int D) : E where T : class, new() { public async Task<int> F(ref int a, params string[] b) { "
    'foreach (var x in b) { if (a > 1 && x is { Length: > 2 } y || z) { switch (x) { case "a" when q: goto case "b"; default: break; } } } '
    'try { await using var r = g(); } catch (X e) when (e.H) { throw; } return a switch { 1 => 2, _ => $"t{a:x}" } ?? h?.i; } int P { get => 1; set { } } }\n',
    "a.lua": "local function f(a, ...)\n  if a and b or not c then for i = 1, 3 do repeat x() until y end elseif d then return [[raw]] end\nend\n",
    "a.scala": 'class A[T](val b: Int) extends B with C { def f(a: Int)(implicit c: D): Int = a match { case 1 if b > 2 && c => for { x <- y } yield x; case _ => s"t$a" } }\n',
    "a.vue": "<template><div v-if='a && b'>x</div></template>\n<script>\nexport default { methods: { f(a) { if (a || b) { return 1 } } } }\n</script>\n",
    "a.pl": "sub f { my ($a, %b) = @_; foreach my $x (@$a) { if ($x && $b{$x} || !/re/) { next unless $x; } } return <<T;\ntext\nT\n}\n",
    "workflow.yml": "on: [push]\njobs:\n  a:\n    runs-on: x\n    steps:\n    - uses: a/b@v1\n    - run: echo ${{ github.head_ref }}\n",
    "README.md": "# Title\n\n- [x] `code` **bold** <b>html</b>\n",
}

MANIFESTS = {
    "requirements.txt": "# c\n-r base.txt\n--index-url=http://u:p@m.example/simple\nDjango[a,b] >= 4.2, < 5 ; python_version > \"3.8\"\na==4.9.0 \\\n"
    "    --hash=sha256:aaaa\n-e git+https://t@github.com/a/b.git@main#egg=C\np @ https://f.example/p-1.0.tar.gz#sha256=ab\n./libs/l\nz==1.0 # via -r x.in\n",
    "pyproject.toml": '[build-system]\nrequires = ["h>=1.27"]\n[project]\nname = "x"\ndependencies = ["a>=3.9", "B~=6.0; sys_platform != \'win32\'"]\n'
    '[project.optional-dependencies]\ntest = ["pytest>=8"]\n[dependency-groups]\nlint = ["ruff==0.5.0", {include-group = "test"}]\n[tool.poetry.dependencies]\n'
    'python = "^3.11"\nh = {version = "^0.27", extras = ["x"], optional = true}\nt = {git = "https://u:p@g.example/a/t.git", rev = "abc"}\n'
    'm = [{version = "1", python = "<3"}, {version = "2"}]\n[[tool.poetry.source]]\nname = "i"\nurl = "http://p.example/simple"\n[tool.uv.sources]\na = {path = "../a"}\n',
    "setup.cfg": "[metadata]\nname = x\n[options]\ninstall_requires =\n    a >=2.0, <6.0  # c\n    b\n[options.extras_require]\ndocs = s\nfast =\n    Br\n",
    "Pipfile": '[[source]]\nurl = "http://p.example"\nname = "p"\n[packages]\nf = "*"\ng = {version = "==1", markers = "x", index = "p"}\n[dev-packages]\nt = ">=8"\n',
    "Pipfile.lock": '{"_meta": {"sources": [{"url": "http://p.example"}], "pipfile-spec": 6}, "default": {"f": {"version": "==3.0.0", "hashes": ["sha256:a"]}, '
    '"x": {"git": "https://g.example/a/x", "ref": "a"}}, "develop": {"t": {"version": "==8.0.0"}}}',
    "poetry.lock": '[[package]]\nname = "C"\nversion = "8.1.7"\noptional = true\nfiles = [{file = "c.whl", hash = "sha256:a"}]\n[package.dependencies]\nq = ">=1"\n'
    '[package.source]\ntype = "git"\nurl = "https://t@g.example/a/t.git"\n[metadata]\nlock-version = "2.0"\n[metadata.files]\nc = [{file = "c", hash = "a"}]\n',
    "uv.lock": 'version = 1\n[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { editable = "." }\ndependencies = [{ name = "a", marker = "x" }]\n[package.dev-dependencies]\n'
    'dev = [{ name = "b" }]\n[[package]]\nname = "a"\nversion = "4.4.0"\nsource = { registry = "http://p.example/simple" }\nsdist = { url = "https://f/a.gz", hash = "sha256:a" }\n'
    '[[package]]\nname = "b"\nversion = "8"\nsource = { git = "https://g.example/p/b?rev=x#abc" }\nwheels = [{ url = "u", hash = "h" }]\n',
    "pylock.toml": 'lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "25.1.0"\nindex = "http://i.example"\nwheels = [{name = "a.whl", hashes = {sha256 = "a"}}]\n'
    '[[packages]]\nname = "o"\ndirectory = {path = "."}\n[[packages]]\nname = "v"\nvcs = {type = "git", url = "https://g.example/v", commit-id = "a"}\n',
    "package.json": '{"name": "x", "version": "1", "workspaces": {"packages": ["packages/*"]}, "dependencies": {"r": "^18.2.0", "l": "npm:r@2.0.0", "f": "acme/f#main", '
    '"o": "workspace:*", "z": "http://e.example/z.tgz", "n": "file:../n"}, "devDependencies": {"@t/n": "~20.1 || >=22 <23"}, "peerDependencies": {"v": ">=3"}, '
    '"peerDependenciesMeta": {"v": {"optional": true}}, "optionalDependencies": {"p": "1.x"}, "overrides": {"s": "7.5.2", "a": {"b": "1", ".": "2"}, "r": "$r"}, '
    '"resolutions": {"**/q": "1"}, "pnpm": {"overrides": {"w@1>u": "2"}}}',
    "package-lock.json": '{"name": "x", "lockfileVersion": 3, "packages": {"": {"dependencies": {"r": "^18"}, "workspaces": ["p/*"]}, "node_modules/r": {"version": "18.2.0", '
    '"resolved": "http://r.example/r.tgz", "integrity": "sha512-a", "dev": true}, "node_modules/r/node_modules/@s/q": {"version": "1.0.0", "link": true, "optional": true}, '
    '"p/a": {"name": "own"}}, "dependencies": {"d": {"version": "git+ssh://g.example/d.git#a", "requires": {"e": "1"}, "dependencies": {"e": {"version": "1", "bundled": true}}}}}',
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\nsettings: {a: true}\nimporters:\n  .:\n    dependencies:\n      r:\n        specifier: ^18\n        version: 18.2.0(p@1)\n"
    "    devDependencies:\n      w: {specifier: 'workspace:*', version: 'link:p/w'}\npackages:\n  r@18.2.0:\n    resolution: {integrity: sha512-a}\n    engines: {node: '>=1'}\n"
    "  /old/1.0.0_x@2:\n    resolution: {tarball: http://r.example/o.tgz}\n    dev: true\nsnapshots:\n  r@18.2.0(p@1):\n    dependencies: {q: 1.0.0}\n",
    "yarn.lock": '# yarn lockfile v1\n\n"@a/b@^1.0.0", "@a/b@~1":\n  version "1.2.3"\n  resolved "http://r.example/b.tgz#abc"\n  integrity sha512-a\n  dependencies:\n    c "^2"\n\n'
    'c@^2:\n  version "2.0.0"\n\n__metadata:\n  version: 8\n\n"d@npm:^1, d@workspace:.":\n  version: 1.0.0\n  resolution: "d@npm:1.0.0"\n  checksum: 10/abc\n  languageName: node\n  linkType: hard\n',
    "bun.lock": '{\n  // c\n  "lockfileVersion": 1,\n  "workspaces": {"": {"name": "x", "dependencies": {"r": "^18",},},},\n  "packages": {"r": ["r@18.2.0", "", {"dependencies": {"q": "1"}}, "sha512-a"], '
    '"g": ["g@git+https://g.example/g#a", {}, "a"], "w": ["w@workspace:p/w"],},\n}\n',
    "go.mod": "module e.example/m\n\ngo 1.22\ntoolchain go1.22.1\nrequire a.example/b v1.2.3\nrequire (\n\tc.example/d/v2 v2.0.0-20200101000000-abcdefabcdef // indirect\n\te v0.0.0+incompatible\n)\n"
    "replace c.example/d/v2 v2.0.0 => ../d\nreplace (\n\te => f.example/e v1.0.0\n)\nexclude g v1.0.0\nretract [v1.0.0, v1.1.0]\n",
    "Cargo.toml": '[package]\nname = "x"\nversion.workspace = true\n[dependencies]\ns = "1"\nt = { version = "1.2", features = ["a"], optional = true, git = "https://g.example/t", branch = "m" }\n'
    'p = { path = "../p", package = "real" }\nw.workspace = true\n[dev-dependencies]\nd = "=1.0"\n[build-dependencies]\nb = "*"\n[target.\'cfg(unix)\'.dependencies]\nl = "0.2"\n[workspace]\nmembers = ["a"]\n'
    '[workspace.dependencies]\nw = "1"\n[patch.crates-io]\ns = { git = "http://g.example/s" }\n',
    "Cargo.lock": 'version = 3\n[[package]]\nname = "s"\nversion = "1.0.200"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "abc"\ndependencies = ["t 1.0.0"]\n'
    '[[package]]\nname = "t"\nversion = "1.0.0"\nsource = "git+http://g.example/t?branch=m#abc"\n[metadata]\n"checksum s 1" = "a"\n',
    "Gemfile": "source 'http://r.example'\nruby '3.2'\ngem 'rails', '~> 7.0', '>= 7.0.1', require: false\ngroup :development, :test do\n  gem \"r\", git: 'https://g.example/r', branch: 'm'\nend\n"
    "gem 'p', path: '../p'\ngem('q', \"1\", group: :test) if x\ngit 'https://g.example/m' do\n  gem 'm'\nend\n%w[a b].each { |n| gem n }\ngemspec\n",
    "Gemfile.lock": "GIT\n  remote: https://g.example/r\n  revision: abc\n  specs:\n    r (1.0)\n\nGEM\n  remote: http://r.example/\n  specs:\n    rails (7.0.4)\n      a (= 7.0.4)\n    n (1.15.0-x86_64-linux)\n\n"
    "PLATFORMS\n  ruby\n\nDEPENDENCIES\n  rails (~> 7.0)\n  r!\n\nCHECKSUMS\n  rails (7.0.4) sha256=abc\n\nBUNDLED WITH\n   2.4.1\n",
    "composer.json": '{"name": "a/b", "require": {"php": ">=8.1", "c/d": "^1.0 || ~2.1@dev", "e/f": "dev-main#abc as 1.0"}, "require-dev": {"g/h": "1.*"}, '
    '"repositories": [{"type": "vcs", "url": "http://g.example/x"}, {"packagist.org": false}], "minimum-stability": "dev"}',
    "composer.lock": '{"packages": [{"name": "c/d", "version": "v1.2.3", "source": {"type": "git", "url": "https://g.example/c", "reference": "a"}, "dist": {"type": "zip", "url": "http://z.example", '
    '"shasum": "a"}}], "packages-dev": [{"name": "g/h", "version": "1.0.0-patch1"}], "aliases": [], "content-hash": "a"}',
    "pom.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><parent><groupId>g</groupId><artifactId>p</artifactId>'
    "<version>1</version></parent><artifactId>x</artifactId><properties><v>1.2.3</v><w>${v}-${w}</w></properties><dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId>"
    "<version>${v}</version><scope>test</scope></dependency><dependency><groupId>c</groupId><artifactId>d</artifactId><version>[1.0,2.0)</version><optional>true</optional></dependency></dependencies>"
    "<dependencyManagement><dependencies><dependency><groupId>e</groupId><artifactId>f</artifactId><version>1.0.RELEASE</version><type>pom</type><scope>import</scope></dependency></dependencies>"
    "</dependencyManagement><build><plugins><plugin><artifactId>q</artifactId><version>3</version></plugin></plugins></build><repositories><repository><id>r</id><url>http://r.example</url>"
    "</repository></repositories><profiles><profile><id>i</id></profile></profiles></project>\n",
    "libs.versions.toml": '[versions]\nk = "1.9.0"\nr = { strictly = "[1,2[", prefer = "1.5" }\n[libraries]\na = { module = "g:a", version.ref = "k" }\nb = "g:b:1.0"\nc = { group = "g", name = "c", version = { require = "1" } }\n'
    '[bundles]\nx = ["a"]\n[plugins]\np = { id = "o.p", version.ref = "k" }\n',
    "build.gradle": "plugins { id 'java' version '1.0' }\next { v = '1.0' }\ndef w = \"2\"\nrepositories { maven { url 'http://m.example' } }\ndependencies {\n  implementation 'g:a:1.0'\n  testImplementation(\"g:b:$v\")\n"
    "  api group: 'g', name: 'c', version: '1.+'\n  implementation(\"g:d:${w}:sources@jar\") { exclude group: 'x' }\n  implementation platform('g:e:1')\n  implementation libs.f\n}\n",
    "settings.gradle": "pluginManagement { repositories { maven { url = uri('http://m.example') } } plugins { id(\"a\") version \"1\" } }\nrootProject.name = 'x'\n",
    "gradle.lockfile": "# c\ng:a:1.0=compileClasspath,runtimeClasspath\ng:b:2.0=testRuntimeClasspath\nempty=annotationProcessor\n",
}  # fmt: skip
MANIFESTS["pdm.lock"], MANIFESTS["npm-shrinkwrap.json"] = MANIFESTS["poetry.lock"], MANIFESTS["package-lock.json"]
MANIFESTS["gems.rb"], MANIFESTS["gems.locked"] = MANIFESTS["Gemfile"], MANIFESTS["Gemfile.lock"]

CONFIGS = (
    "ignore: ['*.gen.py', \"docs/**\", !keep]\nanalyzers_off: [risk, size]\ngate: high\ncomment: no\nmax_annotations: 5\n",
    "thresholds:\n  ccn: 15\n  cognitive: 20\n  risk: 99\n",
    "# nothing\n",
    "%YAML 1.1\n---\na: &x [1, *x]\n<<: *x\n? {a: b}\n: !!python/object:os.system x\n--- |\n text\n...\n",
)
CODE_OWNERS = (
    "# all\n* @org/team user@example.org\n/docs/ @a @b # c\nsrc/**/*.py @c\napps/*/[a-z]?.md @d\n!neg @e\na\\ b @f\n\\#x @g\n**/logs @h\n/build/**/x @i\n",
)
PATTERNS = (
    "*.log",
    "/a/**/b",
    "!keep.py",
    "[a-z]*[!0-9].x",
    "[[:alpha:]]?",
    "**/foo/**",
    "a\\*b",
    "dir/",
    "x**y",
    "[]-]",
    "*/*/*",
    "\\ ",
    "#c",
)
PATHS = (
    "a/b/c.py",
    "src/deep/er/x[1].log",
    "keep.py",
    "dir/f",
    "ß/İ\u202e.js",
    "a" * 300,
    "/".join("ab" * 60),
    " lead/tr ail ",
    "x\\y",
    "\u2028.md",
    "docs/",
)
MESSAGES = (
    "feat(core)!: add x (#12)\n\nFixes #3, closes org/repo#4 and GH-5\nBREAKING CHANGE: y\nCo-authored-by: A B <a@b.example>\nSigned-off-by: C <c@d>\n",
    'Revert "Revert "fix: a""\n\nThis reverts commit 1234567890123456789012345678901234567890, reversing\nchanges made to abcdefabcdefabcdefabcdefabcdefabcdefabcd.\n',
    "Merge pull request #7 from a/fix-b\n\nFix c\n",
    '[backport 1.2] bug 1234567 - r=x: crash in y (cherry picked from commit abcdefabcdef)\nFixes: abcdef123456 ("net: a")\n',
)
MAILMAPS = (b"# c\nProper Name <p@e.example> Old <o@e.example>\n<n@e.example> <o2@e.example>\nName <x@e.example>\n",)
IDENTS = (
    "Jane Doe",
    "dependabot[bot]",
    "J. D.",
    "42+jane@users.noreply.github.com",
    "jane.doe@e.example",
    "root@localhost",
    "Łukasz Ż",
    "jane",
    "a@[127.0.0.1]",
    "",
)
VERSIONS = (
    "1.2.3", "v2.0", "1!2.0.post1.dev3+l.1", "^1.2 || ~2", ">=1,<2", "~> 1.0.1", "[1.0,2.0)", "(,1]", "1.x", "*", "1.0.0-rc.1+b", "2024.01.05", "dev-main", "1.0-SNAPSHOT",
    "33.0-jre", "latest", "=1.0 - 2.0", "1.0.0-x86_64-linux", "!=1", "1.*", "1.2.+", "1.0.0-20200101000000-abcdefabcdef", "5.x-dev", "1.0@beta", "1 2 3", "<=9", "0", "00.1",
)  # fmt: skip
SECRETS = (
    "token = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'", "url: postgres://user:p4ssW0rd!x@db.example:5432/x", "-----BEGIN RSA PRIVATE KEY-----", "<password>hunter22hunter</password>",
    '"api_key": "sk-ant-api03-AbCd0123456789efGH"', "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF0123456789", "PuTTY-User-Key-File-3: x", "SECRET_KEY=${X:-a}",
    "const password = process.env.PASSWORD || 'change me'", "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
)  # fmt: skip
_A, _B = b"a" * 40, b"b" * 40
DIFFS = (
    b":100644 100644 "
    + _A
    + b" "
    + _B
    + b" M\0x y.py\0:100644 100644 "
    + _A
    + b" "
    + _B
    + b" R090\0old\0new\0:000000 160000 "
    + b"0" * 40
    + b" "
    + _B
    + b" A\0sub\0"
    b"1\t2\tx y.py\0-\t-\t\0old\0new\0\0diff --git a/x b/x\nindex "
    + _A
    + b".."
    + _B
    + b" 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1 @@ def f\n-a\n--- b\n+c\n\\ No newline at end of file\n@@ -9,0 +9,1 @@\n+@@ -1 +1 @@\n",
)
LOGS = (
    _A
    + b"\x001700000000\0subject\0\n1\t2\tx.py\0-\t-\ty.png\x000\t0\t\0old\0new\0"
    + _B
    + b"\x00-5\0\0"
    + _A
    + b"\x00\0s\x1e\0\n3\t0\ta\tb\0",
)
CHANGES = (
    b"".join(
        b"\x1e" + b"5" * 32 + b"\0" + sha + b"\0" + _B + b" " + _A + b"\0Jane\0jane@e.example\x001700000000\x001700000001\0C\0c@e\0fix: a (#1)\n\nbody\0"
        b"\n:100644 100644 " + _A + b" " + _B + b" M\0a.py\0:100644 120000 " + _A + b" " + _B + b" T\0link\0:100644 100644 " + _A + b" " + _B + b" R080\0o.rs\0n.rs\0\0"
        b"diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n-version = '1'\n+version = '2'\n+import x\n"
        b"diff --git a/link b/link\ndeleted file mode 100644\n--- a/link\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git a/link b/link\nnew file mode 120000\n--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n"
        b"diff --git a/o.rs b/n.rs\nBinary files a/o.rs and b/n.rs differ\n"
        for sha in (_A, _B)
    ),
)  # fmt: skip
GREPS = (_A + b":a/b.py\x0012\0text x\n" + _A + b":c\nd\x001\0\xff\0y\n",)
TEXTS = (
    "plain",
    "`a`",
    "``` x ```",
    "@org/team",
    "<img src=x onerror=y>",
    "[a](javascript:b)",
    "![a](http://b.example)",
    "https://www.example.org a@b.example",
    "one\ntwo\r\n# three",
    "\u202egnp",
    "| a |\n|--|",
    "&lt;b&gt; &#64;",
    "<!-- x -->",
    "</details>",
    "\\`",
    "~~~",
    "\x1b[31m",
    "\ud800",
)
