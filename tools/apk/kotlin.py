"""Kotlin for two machines: a desktop's Java and, through dx, Android."""

from collections.abc import Iterable
from pathlib import Path

from apk.artifacts import fetch
from apk.steps import JAVA, Build, run

VERSION = "1.9.25"
# dx reads class files of Java 8, and Android has nothing behind `invokedynamic`: no lambdas, no `concat` by it.
# What Java's own classes offer ends at Java 8, too: later things, such as ByteBuffer.flip() that returns a ByteBuffer,
# fail on old phones.
ANDROID_READS = ["-jvm-target", "1.8", "-Xjdk-release=1.8", "-Xlambdas=class", "-Xsam-conversions=class",
                 "-Xstring-concat=inline", "-Xno-param-assertions", "-Xno-call-assertions"]
COMPILER = [f"kotlin-compiler-embeddable-{VERSION}.jar", f"kotlin-stdlib-{VERSION}.jar", "annotations-13.0.jar",
            f"kotlin-script-runtime-{VERSION}.jar", "kotlin-reflect-1.6.10.jar", "trove4j-1.0.20200330.jar",
            f"kotlin-daemon-embeddable-{VERSION}.jar"]
STDLIB = f"kotlin-stdlib-{VERSION}.jar"
CORE_NEEDS = [STDLIB, "json-20240303.jar"]  # JSON as Android's framework has it
TESTS_NEED = ["junit-4.13.2.jar", "hamcrest-core-1.3.jar",
              *(f"{name}{machine}.jar" for name in ("tensorflow-lite-2.21.0-1.5.14", "javacpp-1.5.14")
                for machine in ("", "-linux-x86_64"))]


def compile_kotlin(build: Build, artifacts: dict[str, Path], name: str, sources: Path, class_path: Iterable[Path],
                   friends: Path | None = None) -> Path:
    """A step: the .kt files of a folder into a jar.

    Args:
      name: of the jar, without ending.
      class_path: jars that they use.
      friends: one of them whose `internal` names they see, too.
    """
    jars = list(class_path)

    def make(jar: Path) -> None:
        options = [f"-Xfriend-paths={friends}"] if friends else []
        run(f"{name} does not compile", [
            *JAVA, "-cp", joined(artifacts[n] for n in COMPILER),
            "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", *ANDROID_READS, *options, "-no-stdlib", "-no-reflect",
            "-module-name", name, "-cp", joined(jars), "-d", jar, sources])

    return build.step(f"{name}.jar", make, [sources, *jars], str(friends))


def compile_core(build: Build, artifacts: dict[str, Path], source: Path) -> Path:
    """A step: what knows nothing of Android into `core.jar`, for the app and for tests on a desktop."""
    return compile_kotlin(build, artifacts, "core", source / "core/src/main/kotlin",
                          [artifacts[n] for n in CORE_NEEDS])


def compile_core_tests(build: Build, source: Path) -> str:
    """Steps: the core and its tests; writes `core-tests.classpath`.

    Returns:
      the class path that runs them: `java -cp ... org.junit.runner.JUnitCore dev.stylizer.core.SomeTest`.
    """
    artifacts = fetch(source / "artifacts")
    core = compile_core(build, artifacts, source)
    jars = [core, *(artifacts[n] for n in (*CORE_NEEDS, *TESTS_NEED))]
    tests = compile_kotlin(build, artifacts, "core-tests", source / "core/src/test/kotlin", jars, friends=core)
    class_path = joined([tests, *jars, source / "core/src/test/resources"])
    (build.folder / "core-tests.classpath").write_text(class_path)
    return class_path


def joined(paths: Iterable[Path]) -> str:
    """A class path."""
    return ":".join(str(path) for path in paths)
