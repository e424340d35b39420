"""Tests of the app's real screen on this machine: Robolectric runs Android's own framework and drawing in Java."""

import zipfile
from pathlib import Path

from apk.artifacts import fetch
from apk.kotlin import compile_kotlin, joined
from apk.package import FRAMEWORK
from apk.steps import JAVA, Build

NEEDS = ["junit-4.13.2.jar", "hamcrest-core-1.3.jar"]  # of those that the app is built with
OPTIONS = "screen-tests.options"


def compile_screen_tests(build: Build, source: Path, apk: Path) -> Path:
    """Steps: the app's tests; writes `screen-tests.options`.

    Args:
      apk: whose assets, resources and manifest the tests see, built in the same folder.

    Returns:
      what Java runs them with: `java @screen-tests.options org.junit.runner.JUnitCore dev.stylizer.demo.SomeTest`.
    """
    artifacts = fetch(source / "artifacts")
    extra = fetch(source / "artifacts/screen-tests", "what tests of the app's screen need (180 MB, once)")
    app = build.folder / "app.jar"
    jars = [app, build.folder / "core.jar", build.folder / "libraries.jar", build.folder / "resources/classes",
            *(artifacts[name] for name in NEEDS), *(_jar(build, path) for path in extra.values()),
            artifacts[FRAMEWORK]]  # last: it has classes of its own by names of Java's libraries
    tests = compile_kotlin(build, artifacts, "screen-tests", source / "app/src/test/kotlin", jars, friends=app)
    config = build.folder / "screen-tests.config"
    (config / "com/android/tools").mkdir(parents=True, exist_ok=True)
    (config / "com/android/tools/test_config.properties").write_text(
        f"android_resource_apk={apk}\n"
        f"android_merged_manifest={source / 'app/src/main/AndroidManifest.xml'}\n"
        "android_custom_package=dev.stylizer.demo\n")
    options = build.folder / OPTIONS
    options.write_text("\n".join([
        *JAVA[1:],
        "--add-opens=java.base/java.io=ALL-UNNAMED",  # files of the APK, as Android opens them
        "-Drobolectric.offline=true", "-Drobolectric.usePreinstrumentedJars=false",
        f'"-Drobolectric.dependency.dir={artifacts[FRAMEWORK].parent}"', "-cp", f'"{joined([tests, config, *jars])}"']))
    return options


def _jar(build: Build, artifact: Path) -> Path:
    """A jar as it is; a step for the one in an AAR."""
    if artifact.suffix != ".aar":
        return artifact

    def make(jar: Path) -> None:
        with zipfile.ZipFile(artifact) as aar:
            jar.write_bytes(aar.read("classes.jar"))

    return build.step(f"{artifact.stem}.jar", make, [artifact])
