// The app. Its models are the repository's; the face models come out of the MediaPipe wheel that `make setup` installs.
import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.application")
    kotlin("android")
}

val collectAssets by tasks.registering(Sync::class) {
    into(layout.buildDirectory.dir("assets"))
    from(rootDir.resolve("../models")) {
        include("*/float16-512.tflite", "*/int8-512.tflite", "*/thumbnail.jpg")
        into("models")
    }
    from(fileTree(rootDir.resolve("../.venv")) {
        include("lib/python*/site-packages/mediapipe/modules/face_detection/face_detection_short_range.tflite")
        include("lib/python*/site-packages/mediapipe/modules/face_landmark/face_landmark.tflite")
    }.files) {
        into("landmarks")
    }
}

android {
    namespace = "dev.stylizer.demo"
    compileSdk = 34

    defaultConfig {
        applicationId = "dev.stylizer.demo"
        minSdk = 26
        targetSdk = 34
        versionCode = 1
        versionName = "0.1.0"
        ndk {
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
    }

    sourceSets.getByName("main") {
        assets.srcDir(layout.buildDirectory.dir("assets"))
    }

    // mapped into memory as they lie in the APK
    androidResources {
        noCompress += "tflite"
    }

    testOptions {
        unitTests.isIncludeAndroidResources = true
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
}

kotlin {
    compilerOptions {
        jvmTarget.set(JvmTarget.JVM_1_8)
    }
}

tasks.named("preBuild") {
    dependsOn(collectAssets)
}

dependencies {
    implementation(project(":core"))
    implementation("org.tensorflow:tensorflow-lite:2.16.1")
    implementation("org.tensorflow:tensorflow-lite-gpu:2.16.1")
    implementation("org.tensorflow:tensorflow-lite-gpu-api:2.14.0") // which the one above uses and does not name
    testImplementation("junit:junit:4.13.2")
    testImplementation("org.robolectric:robolectric:4.12.2")
}
