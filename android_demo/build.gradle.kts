// Versions of the plug-ins; what is built is in core/ and app/.
plugins {
    id("com.android.application") version "8.5.2" apply false
    kotlin("android") version "1.9.25" apply false
    kotlin("jvm") version "1.9.25" apply false
}
