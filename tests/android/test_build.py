"""Building: what can go wrong is told in one line and leaves nothing half done; what is up to date is left alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from apk.artifacts import fetch
from apk.linkage import Dex, Platform, missing
from apk.package import DX, FRAMEWORK, STYLE_FILES, install
from apk.steps import Build, BuildError

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "android_demo"
HAMCREST = "hamcrest-core-1.3.jar"
LAMBDAS = """
import java.util.*;
import kotlin.comparisons.ComparisonsKt;
import kotlin.sequences.SequencesKt;
import kotlin.streams.jdk8.StreamsKt;
class Lambdas {
    public static void main(String[] args) {
        List<String> words = new ArrayList<>(Arrays.asList("bb", null, "c", "a", "aa"));
        Comparator<String> byLength = ComparisonsKt.compareBy(s -> ((String) s).length(), s -> (String) s);
        words.sort(ComparisonsKt.nullsLast(byLength));
        System.out.println(words);
        words.sort(ComparisonsKt.nullsFirst(ComparisonsKt.reversed(byLength)));
        System.out.println(words);
        System.out.println(StreamsKt.asStream(SequencesKt.sequenceOf(1, 2)).count());
    }
}
"""


def one_error(done: subprocess.CompletedProcess[str]) -> str:
    """The only line that a failed build wrote to standard error."""
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("build_apk: error: ")
    return line


def path_without(program: str, folder: Path) -> dict[str, str]:
    """An environment whose PATH has all programs but one."""
    for source in map(Path, ("/bin", "/usr/bin")):
        for path in source.iterdir():
            if path.name != program and not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
    return {**os.environ, "PATH": str(folder)}


@pytest.fixture
def steps(tmp_path):
    build = Build(tmp_path / "build")
    with build.locked():
        yield build


def test_step_is_repeated_only_after_a_change(steps, tmp_path, capsys):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "a").write_text("1")
    made = []

    def copy(output: Path) -> None:
        made.append(output)
        output.write_text("".join(path.read_text() for path in sorted(sources.iterdir())))

    def run(parameter: str) -> str:
        from apk.steps import sha256

        sha256.cache_clear()  # as in a new process
        return steps.step("copy.txt", copy, [sources], parameter).read_text()

    assert run("x") == run("x") == "1" and len(made) == 1
    assert "up to date" in capsys.readouterr().out
    (sources / "b").write_text("2")
    assert run("x") == "12" and len(made) == 2
    (sources / "a").write_text("3")
    assert run("x") == "32" and len(made) == 3
    run("y")
    assert len(made) == 4
    (steps.folder / "copy.txt").unlink()
    assert run("y") == "32" and len(made) == 5


def test_failed_step_leaves_nothing_and_is_repeated(steps):
    def fail(output: Path) -> None:
        output.write_text("half")
        raise BuildError("no")

    for _ in range(2):
        with pytest.raises(BuildError):
            steps.step("thing.apk", fail, [])
    assert [path.name for path in steps.folder.iterdir()] == ["stamps"]


def test_missing_program(build_apk, programs, tmp_path):
    (tmp_path / "bin").mkdir()
    line = one_error(build_apk("--build", tmp_path / "build", env=path_without("aapt2", tmp_path / "bin")))
    assert line.endswith("aapt2 is not installed: apt-get install aapt")


def test_missing_adb(build_apk, programs, tmp_path):
    (tmp_path / "bin").mkdir()
    environment = path_without("adb", tmp_path / "bin")
    line = one_error(build_apk("--install", "--build", tmp_path / "build", env=environment))
    assert line.endswith("adb is not installed: apt-get install adb")


@pytest.mark.parametrize("listed, expected", [("", "none at all"), ("0123\tunauthorized\n", "unauthorized")])
def test_no_device(tmp_path, monkeypatch, listed, expected):
    adb = tmp_path / "adb"
    adb.write_text(f"#!/bin/sh\ncat <<END\nList of devices attached\n{listed}END\n")
    adb.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(BuildError, match=f"no device that is ready \\({expected}\\)"):
        install(tmp_path / "some.apk")


@pytest.mark.parametrize("models", ["none", "file"])
def test_missing_models(build_apk, programs, tmp_path, models):
    folder = tmp_path / "models"
    if models == "file":
        (folder / "sketch").mkdir(parents=True)
        for name in STYLE_FILES[1:]:
            shutil.copy(ROOT / "models/sketch" / name, folder / "sketch")
    line = one_error(build_apk("--models", folder, "--build", tmp_path / "build"))
    assert "make tflite STYLE=sketch" in line and str(folder) in line
    assert models == "none" or STYLE_FILES[0] in line
    assert not list((tmp_path / "build").glob("*.apk"))


def test_model_that_is_none(build_apk, programs, tmp_path):
    shutil.copytree(ROOT / "models/sketch", tmp_path / "models/sketch")
    damaged = tmp_path / "models/sketch" / STYLE_FILES[0]
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert STYLE_FILES[0] in one_error(build_apk("--models", tmp_path / "models", "--build", tmp_path / "build"))


@pytest.fixture
def one_artifact(artifacts, tmp_path, monkeypatch):
    """A folder like android_demo/artifacts that asks for a single small file, and an empty cache."""
    monkeypatch.setenv("STYLIZER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "source/artifacts"
    folder.mkdir(parents=True)
    head, *dependencies = (SOURCE / "artifacts/pom.xml").read_text().split("<dependency>")
    tail = dependencies[-1].partition("</dependency>")[2]
    (wanted,) = [d.partition("</dependency>")[0] for d in dependencies if "hamcrest" in d]
    (folder / "pom.xml").write_text(f"{head}<dependency>{wanted}</dependency>{tail}")
    (line,) = [line for line in (SOURCE / "artifacts/sha256sums").read_text().splitlines() if HAMCREST in line]
    (folder / "sha256sums").write_text(f"{line}\n")
    return folder


@pytest.mark.slow
def test_artifact_is_fetched_once_and_again_when_damaged(one_artifact, tmp_path, monkeypatch):
    path = fetch(one_artifact)[HAMCREST]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert fetch(one_artifact)[HAMCREST].read_bytes() == whole
    monkeypatch.setenv("PATH", str(tmp_path))  # no Maven to ask
    fetch(one_artifact)


def test_artifact_of_another_hash(one_artifact, build_apk, tmp_path):
    (one_artifact / "sha256sums").write_text(f"{'0' * 64}  {HAMCREST}\n")
    line = one_error(build_apk("--source", one_artifact.parent))
    assert f"{HAMCREST} has sha256 66fdef91e9739348df7a096aa384a5685f4e875584cce89386a7a47251c4d8e9, expected 0" in line
    assert not list((tmp_path / "cache").rglob("*.jar"))
    assert not list((one_artifact.parent / "build").glob("*.apk"))


def test_artifact_that_maven_does_not_find(one_artifact, build_apk):
    pom = one_artifact / "pom.xml"
    pom.write_text(pom.read_text().replace("<version>1.3</version>", "<version>1.3.999</version>"))
    assert "hamcrest-core:jar:1.3.999" in one_error(build_apk("--source", one_artifact.parent))


@pytest.fixture
def dexed(artifacts, tmp_path):
    """Compiles Java classes, name -> source, and returns the dex file of some of them."""

    def make(sources: dict[str, str], *named: str) -> Dex:
        for name, source in sources.items():
            (tmp_path / f"{name}.java").write_text(source)
        subprocess.run(["javac", "--release", "8", "-Xlint:-options", *(f"{name}.java" for name in sources)],
                       cwd=tmp_path, check=True)
        classes = [f"{name}.class" for name in named]
        subprocess.run(["java", "-cp", artifacts[DX], "com.android.dx.command.Main", "--dex", "--min-sdk-version=26",
                        "--output=some.dex", *classes], cwd=tmp_path, check=True)
        return Dex((tmp_path / "some.dex").read_bytes())

    return make


def test_references_to_nothing_are_found(dexed, artifacts):
    first = "class Other { int kept, gone; void kept() { } void gone(int[] n) { } }"
    user = """class User extends java.util.ArrayList<String> {
        int use(Other o, Absent a) { o.kept(); o.gone(null); a.hashCode(); size(); return o.kept + o.gone; }
        Object desktop() { return new java.awt.Point(); }
        String found() { return String.join(",", this).concat(java.time.LocalDate.MIN.toString()); } }"""
    platform = Platform(artifacts[FRAMEWORK])
    dex = dexed({"Other": first, "Absent": "class Absent { }", "User": user}, "User")
    assert missing([dex], platform) == ["Absent", "Other", "java/awt/Point"]
    other = dexed({"Other": "class Other { int kept; void kept() { } }"}, "Other")
    assert missing([dex, other], platform) == ["Absent", "Other.gone([I)V", "Other.gone:I", "java/awt/Point"]
    assert not dex.dynamic


def test_dynamic_calls_are_found(dexed):
    source = "class Lambda { static Runnable make(Object o) { return () -> o.hashCode(); } }"
    assert dexed({"Lambda": source}, "Lambda").dynamic


@pytest.mark.slow
def test_second_build_does_nothing(apk, build_apk):
    before = apk.stat().st_mtime_ns
    done = build_apk()
    steps = [line for line in done.stdout.splitlines() if " MB  " not in line]
    assert steps and all(line.endswith("up to date") for line in steps), done.stdout
    assert apk.stat().st_mtime_ns == before


@pytest.mark.slow
def test_lambdas_of_the_library_do_as_before(apk, artifacts, tmp_path):
    (tmp_path / "Lambdas.java").write_text(LAMBDAS)
    (before,) = [path for name, path in artifacts.items() if name.startswith("kotlin-stdlib")]
    said = [subprocess.run(["java", "-Xverify:all", "-cp", library, tmp_path / "Lambdas.java"], capture_output=True,
                           text=True, check=True).stdout for library in (before, apk.parent / "libraries.jar")]
    assert said[0] == said[1] == "[a, c, aa, bb, null]\n[null, bb, aa, c, a]\n2\n"
