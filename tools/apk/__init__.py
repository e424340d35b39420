"""How the Android app is built from Debian's tools and files of Maven Central alone."""
