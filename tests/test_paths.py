"""The classification of paths: test, lock file, generated, vendored, tooling, documentation, production."""

import pytest

from bot import paths


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_client.py",
        "test/res.send.js",
        "src/app/client_test.go",
        "src/button.test.tsx",
        "src/button-spec.ts",
        "spec/models/user_spec.rb",
        "pkg/conftest.py",
        "src/main/FooTest.java",
        "src/main/FooIT.java",
        "Sources/AppTests/Login.swift",
        "App.UnitTests/Login.cs",
        "app/src/androidTest/java/Login.kt",
        "lib/src/testFixtures/java/Login.java",
        "integration-tests/run.py",
        "a/__tests__/b.js",
        "a/fixtures/data.json",
        "test/README.md",
    ],
)
def test_tests_by_the_conventions_of_many_languages(path: str) -> None:
    assert paths.is_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/latest/api.py",
        "contest/rank.py",
        "src/attestation.go",
        "src/testimonials.tsx",
        "protest.py",
        "src/Contest.java",
        "src/latest.js",
        "src/EDIT.java",
        "inspect.py",
        "tests.md.py/x.py",
        "deploy/PodSpec.yaml",
        "deploy/pod_spec.yaml",
        "api/billing.spec.json",
        "src/main/java/JobSpec.java",
        "gitinsight.spec",
    ],
)
def test_similar_names_are_not_tests(path: str) -> None:
    assert not paths.is_test(path)


@pytest.mark.parametrize("path", ["uv.lock", "web/yarn.lock", "pylock.toml", "go.sum", "gradle.lockfile"])
def test_lock_files(path: str) -> None:
    assert paths.is_lock(path)


@pytest.mark.parametrize("path", ["vendor/a.go", "web/node_modules/x/i.js", "third_party/zlib.c"])
def test_vendored(path: str) -> None:
    assert paths.is_vendored(path)
    assert not paths.is_production(path)


def test_a_file_named_like_a_vendor_folder_is_not_vendored() -> None:
    assert not paths.is_vendored("src/vendor")
    assert paths.is_production("src/vendor.py")


@pytest.mark.parametrize(
    "path", ["a.min.js", "api_pb2.py", "dist/x.js", "x.snap", "zz_generated.go", "src/generated/a.ts"]
)
def test_generated(path: str) -> None:
    assert paths.is_generated(path)
    assert not paths.is_production(path)


@pytest.mark.parametrize(
    "path",
    [
        "setup.py",
        "docs/conf.py",
        "examples/web/index.js",
        "vite.config.ts",
        ".eslintrc.cjs",
        "build.rs",
        "Gulpfile.js",
        "app/build.gradle.kts",
        "buildSrc/src/Versions.kt",
        "build-logic/src/main/kotlin/Publish.kt",
        "gunicorn-prod.conf.py",
    ],
)
def test_tooling(path: str) -> None:
    assert paths.is_tooling(path)
    assert not paths.is_production(path)


@pytest.mark.parametrize(
    "path", ["src/setup.ts", "app/config.js", "src/builder.rs", "lib/documents/a.py", "app/conf.py"]
)
def test_similar_names_are_not_tooling(path: str) -> None:
    assert paths.is_production(path)


def test_production_is_code_without_another_class() -> None:
    assert paths.is_production("src/app.py")
    assert not paths.is_production("README.md")
    assert all(map(paths.is_docs, ("README.md", "NEWS", "man/man1/fzf.1", "docs/api/tool.3pm", "COPYING")))
    assert not any(map(paths.is_docs, ("lib/libz.so.1", "src/news.py", "man/make.py", "release-1.2")))
    assert not paths.is_production("tests/app.py")
