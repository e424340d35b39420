"""The Android app: libraries, resources, code and models into one signed file."""

import importlib.util
import io
import os
import subprocess
import tempfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

from apk.artifacts import CACHE, fetch
from apk.kotlin import COMPILER, STDLIB, VERSION, compile_core, compile_kotlin
from apk.linkage import Dex, Platform, missing
from apk.steps import JAVA, Build, BuildError, files_in, run
from stylizer.assets import cache_dir
from stylizer.errors import ModelError

APK = "stylizer-demo.apk"
MIN_SDK, TARGET_SDK = "26", "34"
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
FRAMEWORK = "android-all-14-robolectric-10818077.jar"
DX = "dalvik-dx-16.0.1.jar"
LITE = ["tensorflow-lite-2.16.1.aar", "tensorflow-lite-api-2.16.1.aar", "tensorflow-lite-gpu-2.16.1.aar",
        "tensorflow-lite-gpu-api-2.14.0.aar"]
STYLE_FILES = ("float16-512.tflite", "int8-512.tflite", "thumbnail.jpg")
LANDMARKS = ("face_detection/face_detection_short_range.tflite", "face_landmark/face_landmark.tflite")
CODE = (".class", ".kotlin_module", ".kotlin_builtins")  # of a library: what runs, and what the compiler asks for
STORED = (".tflite", ".so", ".jpg")  # read where they lie in the APK, or as small as they get
NEWER_THAN_AAPT2 = ("Unknown chunk type '200'", "unexpected element <uses-native-library>")  # Debian's; it keeps both
NOT_ON_ANDROID = {  # annotations: nothing looks for them when the app runs
    "androidx/annotation/Nullable", "dalvik/annotation/SourceDebugExtension", "org/jetbrains/annotations/NotNull",
    "org/jetbrains/annotations/Nullable"}
KEY_PASSWORD = "stylizer"  # of a key that every machine makes for itself and that proves nothing


def collect_assets(models: Path) -> tuple[dict[str, Path], list[str]]:
    """What the app draws with.

    Args:
      models: holds a folder a style.

    Returns:
      path below `assets` -> file; a line for each thing in the app that has a licence.

    Raises:
      BuildError: a model is missing, or nothing in a style's says under which licence it is.
    """
    from stylizer.models.tflite_model import read_info

    styles = sorted(path for path in models.glob("*") if path.is_dir())
    if not styles:
        raise BuildError(f"no style in {models}: make one with `make tflite STYLE=sketch`")
    assets: dict[str, Path] = {}
    licences = [f"TensorFlow Lite {LITE[0].split('-')[-1].removesuffix('.aar')}: Apache-2.0",
                f"Kotlin's standard library {VERSION}: Apache-2.0",
                "MediaPipe's face detection and face landmark models: Apache-2.0", "stylizer: Apache-2.0"]
    for style in styles:
        for name in STYLE_FILES:
            if not (style / name).is_file():
                raise BuildError(f"{style} holds no {name}: make it with `make tflite STYLE={style.name}`")
            assets[f"models/{style.name}/{name}"] = style / name
        try:
            info, _ = read_info((style / STYLE_FILES[0]).read_bytes(), str(style / STYLE_FILES[0]))
        except ModelError as e:
            raise BuildError(str(e)) from e
        licences.append(f"style {style.name}: {info.licence}")
    mediapipe = importlib.util.find_spec("mediapipe")
    folder = Path((mediapipe and mediapipe.origin) or "mediapipe/__init__.py").parent / "modules"
    for name in LANDMARKS:
        if not (folder / name).is_file():
            raise BuildError(f"{folder} holds no {name}: install mediapipe with `make setup`")
        assets[f"landmarks/{Path(name).name}"] = folder / name
    return assets, licences


def build_apk(build: Build, source: Path, models: Path, setup: Path) -> Path:
    """Steps: everything from the sources to `stylizer-demo.apk`; says what takes how much of it.

    Args:
      source: folder with app, core and artifacts.
      models: folder of styles.
      setup: setup.cfg, for the version.
    """
    assets, licences = collect_assets(models)
    artifacts = fetch(source / "artifacts")
    libraries = _libraries(build, artifacts)
    core = compile_core(build, artifacts, source)
    resources = _resources(build, artifacts, source / "app/src/main", _version(setup))
    names = resources / "classes"
    app = compile_kotlin(build, artifacts, "app", source / "app/src/main/kotlin",
                         [artifacts[FRAMEWORK], libraries, core, names])
    dexes = [_dex(build, artifacts, "classes.dex", [app, core, names]),
             _dex(build, artifacts, "classes2.dex", [libraries])]
    apk = _package(build, artifacts, resources / "resources.apk", dexes, assets, licences)
    _print_sizes(apk)
    return apk


def _version(setup: Path) -> str:
    config = ConfigParser()
    config.read(setup)
    return config["metadata"]["version"]


def _libraries(build: Build, artifacts: dict[str, Path]) -> Path:
    """A step: the classes that the app brings along besides its own."""

    def make(jar: Path) -> None:
        with tempfile.TemporaryDirectory(dir=build.folder) as tmp:
            merged = Path(tmp) / "merged.jar"
            with zipfile.ZipFile(merged, "w") as out:
                for name in (STDLIB, *LITE):
                    content: Path | io.BytesIO = artifacts[name]
                    if name.endswith(".aar"):
                        with zipfile.ZipFile(artifacts[name]) as aar:
                            content = io.BytesIO(aar.read("classes.jar"))
                    with zipfile.ZipFile(content) as archive:
                        for member in archive.namelist():
                            if member.endswith(CODE) and not member.startswith("META-INF/versions"):
                                out.writestr(member, archive.read(member))
            desugar = Path(__file__).parent / "Desugar.java"
            run("libraries", [*JAVA, "-cp", artifacts[COMPILER[0]], desugar, merged, jar])

    return build.step("libraries.jar", make, [artifacts[name] for name in (STDLIB, *LITE)])


def _resources(build: Build, artifacts: dict[str, Path], main: Path, version: str) -> Path:
    """A step: `resources.apk`, an APK of the manifest and the resources, and `classes`, their names for the code."""
    code = sum(int(part) * unit for part, unit in zip(version.split("."), (10000, 100, 1), strict=True))

    def make(folder: Path) -> None:
        folder.mkdir()
        run("resources", ["aapt2", "compile", "--dir", main / "res", "-o", folder / "compiled.zip"])
        run("manifest and resources", [
            "aapt2", "link", "-I", artifacts[FRAMEWORK], "--manifest", main / "AndroidManifest.xml",
            "--warn-manifest-validation", "--min-sdk-version", MIN_SDK, "--target-sdk-version", TARGET_SDK,
            "--version-code", str(code), "--version-name", version, "--java", folder / "gen",
            "-o", folder / "resources.apk", folder / "compiled.zip"], noise=NEWER_THAN_AAPT2)
        run("names of resources", ["javac", "--release", "8", "-Xlint:-options", "-d", folder / "classes",
                                   *files_in(folder / "gen")])

    return build.step("resources", make, [main / "res", main / "AndroidManifest.xml", artifacts[FRAMEWORK]], version)


def _dex(build: Build, artifacts: dict[str, Path], name: str, classes: list[Path]) -> Path:
    """A step: class files to what Android runs."""

    def make(dex: Path) -> None:
        run(name, [*JAVA, "-cp", artifacts[DX], "com.android.dx.command.Main", "--dex",
                   f"--min-sdk-version={MIN_SDK}", f"--output={dex}", *classes])
        if Dex(dex.read_bytes()).dynamic:
            raise BuildError(f"{name} holds invoke-custom or method handles, behind which Android has nothing")

    return build.step(name, make, [*classes, artifacts[DX]])


def _package(build: Build, artifacts: dict[str, Path], resources: Path, dexes: list[Path],
             assets: dict[str, Path], licences: list[str]) -> Path:
    """A step: the APK, once all that its code refers to was found in it or in Android."""
    key = _debug_key()
    natives = {f"lib/{abi}/{Path(member).name}": (artifacts[name], member) for abi in ABIS for name in LITE
               for member in zipfile.ZipFile(artifacts[name]).namelist() if member.startswith(f"jni/{abi}/")}

    def make(apk: Path) -> None:
        platform = Platform(artifacts[FRAMEWORK])
        absent = [name for name in missing([Dex(dex.read_bytes()) for dex in dexes], platform)
                  if name not in NOT_ON_ANDROID]
        if absent:
            raise BuildError(f"the app uses what Android {TARGET_SDK} does not have: {', '.join(absent)}")
        with tempfile.TemporaryDirectory(dir=build.folder) as tmp:
            loose, aligned = Path(tmp) / "loose.apk", Path(tmp) / "aligned.apk"
            with zipfile.ZipFile(loose, "w") as out, zipfile.ZipFile(resources) as linked:
                for entry in linked.infolist():
                    _add(out, entry.filename, linked.read(entry), entry.compress_type)
                for dex in dexes:
                    _add(out, dex.name, dex.read_bytes())
                for name, (aar, member) in natives.items():
                    with zipfile.ZipFile(aar) as archive:
                        _add(out, name, archive.read(member))
                for name, path in assets.items():
                    _add(out, f"assets/{name}", path.read_bytes())
                with zipfile.ZipFile(artifacts[LITE[0]]) as archive:  # Apache-2.0 and what TensorFlow adds to it
                    text = "\n".join([*licences, "", "Apache-2.0:", "", ""]).encode() + archive.read("LICENSE")
                    _add(out, "assets/licences.txt", text)
            run("alignment", ["zipalign", "-p", "4", loose, aligned])  # -p: libraries by pages, to be mapped from there
            run("signature", [
                "apksigner", "sign", "--ks", key, "--ks-pass", f"pass:{KEY_PASSWORD}", "--min-sdk-version", MIN_SDK,
                "--v1-signing-enabled", "false", "--v2-signing-enabled", "true", "--v3-signing-enabled", "true",
                "--v4-signing-enabled", "false", "--out", apk, aligned])

    return build.step(APK, make, [resources, *dexes, *assets.values(), key, artifacts[FRAMEWORK],
                                  *(artifacts[name] for name in LITE)], *assets, *licences)


def _add(out: zipfile.ZipFile, name: str, content: bytes, compression: int | None = None) -> None:
    """Adds a file of no date, so that the same sources make the same APK."""
    if compression is None:
        compression = zipfile.ZIP_STORED if name.endswith(STORED) else zipfile.ZIP_DEFLATED
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = compression, 0o644 << 16
    out.writestr(entry, content)


def _debug_key() -> Path:
    """The key store that this machine signs with, made at first use."""
    key = cache_dir() / CACHE / "debug.keystore"
    if not key.exists():
        temporary = key.with_name(f".{key.name}.{os.getpid()}")
        run("key", ["keytool", "-genkeypair", "-keystore", temporary, "-storepass", KEY_PASSWORD, "-alias", "debug",
                    "-keyalg", "RSA", "-keysize", "2048", "-validity", "10000", "-dname", "CN=stylizer debug"],
            show=False)
        temporary.replace(key)
    return key


def _print_sizes(apk: Path) -> None:
    sizes: dict[str, int] = {}
    with zipfile.ZipFile(apk) as archive:
        for entry in archive.infolist():
            parts = entry.filename.split("/")
            part = {"lib": f"TensorFlow Lite, {parts[1] if parts[1:] else ''}", "assets": "models"}.get(
                parts[0], "code" if entry.filename.endswith(".dex") else "resources")
            sizes[part] = sizes.get(part, 0) + entry.compress_size
    for part, size in [*sizes.items(), (str(apk), apk.stat().st_size)]:
        print(f"{size / 1e6:6.2f} MB  {part}")


def install(apk: Path) -> None:
    """Puts the app onto the device that adb sees.

    Raises:
      BuildError: there is none, or it refuses.
    """
    listed = run("devices", ["adb", "devices"], show=False).splitlines()[1:]
    states = [line.split("\t")[1] for line in listed if "\t" in line]
    if "device" not in states:
        raise BuildError(f"adb sees no device that is ready ({', '.join(states) or 'none at all'}): connect a phone "
                         "with USB debugging on and allow this computer on its screen")
    done = subprocess.run(["adb", "install", "-r", apk], capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"adb could not install {apk}: {(done.stderr or done.stdout).strip()}")
    print(f"installed {apk.name}")
