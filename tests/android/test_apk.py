"""The APK as it comes out of `make apk`, looked at with other programs than those that made it where there are any."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from apk.linkage import Dex, Platform, missing
from apk.package import FRAMEWORK

from stylizer.models.tflite_model import read_info

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ABIS = {"arm64-v8a", "armeabi-v7a", "x86_64"}
# annotations: nothing looks for them when the app runs
NEVER_LOADED = {"androidx/annotation/Nullable", "dalvik/annotation/SourceDebugExtension",
                "org/jetbrains/annotations/NotNull", "org/jetbrains/annotations/Nullable"}


def said(*command: object) -> str:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def disassembly(apk, tmp_path_factory) -> str:
    """All dex files of the app as dexdump prints them."""
    folder = tmp_path_factory.mktemp("dex")
    with zipfile.ZipFile(apk) as archive:
        dexes = [archive.extract(name, folder) for name in archive.namelist() if name.endswith(".dex")]
    return said("dexdump", "-d", *dexes)


def test_signatures_v2_and_v3_verify(apk):
    lines = said("apksigner", "verify", "-v", apk).splitlines()
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in lines
    assert "Verified using v3 scheme (APK Signature Scheme v3): true" in lines


def test_libraries_lie_on_page_boundaries(apk):
    said("zipalign", "-c", "-p", "4", apk)


def test_asks_for_the_camera_and_nothing_else(apk):
    permissions = re.findall(r"uses-permission[^:]*: name='([^']+)'", said("aapt2", "dump", "permissions", apk))
    assert permissions == ["android.permission.CAMERA"]


def test_manifest(apk):
    badging = said("aapt2", "dump", "badging", apk)
    assert re.search(r"^package: name='dev\.stylizer\.demo' versionCode='\d+' versionName='\d+\.\d+\.\d+'", badging)
    assert re.search(r"^sdkVersion:'26'$", badging, re.MULTILINE)
    assert re.search(r"^targetSdkVersion:'34'$", badging, re.MULTILINE)
    assert "launchable-activity: name='dev.stylizer.demo." in badging
    tree = said("aapt2", "dump", "xmltree", "--file", "AndroidManifest.xml", apk)
    assert re.search(r"extractNativeLibs\(\w+\)=false", tree), "libraries would be unpacked instead of mapped"


def test_components_of_the_manifest_are_in_the_code(apk, disassembly):
    tree = said("aapt2", "dump", "xmltree", "--file", "AndroidManifest.xml", apk)
    named = re.findall(r"E: (?:activity|service|receiver|provider) .*\n(?: +A: .*\n)*? +A: \S+:name\(\w+\)=\"(.+?)\"",
                       tree)
    assert named
    for name in named:
        whole = f"dev.stylizer.demo{name}" if name.startswith(".") else name
        assert f"Class descriptor  : 'L{whole.replace('.', '/')};'" in disassembly, f"{whole} is in no dex file"


def test_libraries_of_three_machines(apk):
    with zipfile.ZipFile(apk) as archive:
        libraries = [entry for entry in archive.infolist() if entry.filename.endswith(".so")]
    names = {f"lib/{abi}/libtensorflowlite{part}_jni.so" for abi in ABIS for part in ("", "_gpu")}
    assert {entry.filename for entry in libraries} == names
    assert all(entry.compress_type == zipfile.ZIP_STORED for entry in libraries)


def test_models_are_those_of_the_repository_and_stored_uncompressed(apk):
    with zipfile.ZipFile(apk) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        for style in (path for path in (ROOT / "models").iterdir() if path.is_dir()):
            for name in ("float16-512.tflite", "int8-512.tflite", "thumbnail.jpg"):
                assert archive.read(f"assets/models/{style.name}/{name}") == (style / name).read_bytes()
    models = {name for name in entries if name.endswith(".tflite")}
    assert {f"assets/landmarks/{n}.tflite" for n in ("face_detection_short_range", "face_landmark")} < models
    assert all(entries[name].compress_type == zipfile.ZIP_STORED for name in models)


def test_licences_name_all_that_is_bundled(apk):
    with zipfile.ZipFile(apk) as archive:
        text = archive.read("assets/licences.txt").decode()
    for name in ("TensorFlow Lite", "Kotlin", "MediaPipe"):
        assert re.search(rf"^{name}.*: Apache-2\.0$", text, re.MULTILINE)
    assert "Apache License\n" in text
    for style in (path for path in (ROOT / "models").iterdir() if path.is_dir()):
        info, _ = read_info((style / "int8-512.tflite").read_bytes(), style.name)
        assert f"style {style.name}: {info.licence}\n" in text


def test_size(apk):
    assert apk.stat().st_size < 30e6


def test_code_needs_no_dynamic_calls(disassembly):
    assert "invoke-virtual" in disassembly  # it is a disassembly
    assert not re.findall(r"invoke-custom|invoke-polymorphic|const-method-handle|const-method-type", disassembly)


def test_all_that_the_code_refers_to_exists(apk, artifacts, disassembly):
    with zipfile.ZipFile(apk) as archive:
        dexes = [Dex(archive.read(name)) for name in archive.namelist() if name.endswith(".dex")]
    described = set(re.findall(r"Class descriptor  : 'L(.*);'", disassembly))
    assert {name for dex in dexes for name in dex.defined} == described  # we read them as dexdump does
    assert set(missing(dexes, Platform(artifacts[FRAMEWORK]))) <= NEVER_LOADED


def test_native_methods_are_in_the_libraries(apk, disassembly):
    natives = re.findall(r"\(in L(org/tensorflow/[^;]+);\)\n +name +: '(\w+)'\n.*\n +access +: .*NATIVE", disassembly)
    assert len(natives) > 20
    with zipfile.ZipFile(apk) as archive:
        for abi in ABIS:
            symbols = b"".join(archive.read(f"lib/{abi}/libtensorflowlite{part}_jni.so") for part in ("", "_gpu"))
            for owner, method in natives:
                symbol = f"Java_{owner.replace('_', '_1').replace('/', '_')}_{method.replace('_', '_1')}"
                assert symbol.encode() in symbols, f"{abi} has no {symbol}"
