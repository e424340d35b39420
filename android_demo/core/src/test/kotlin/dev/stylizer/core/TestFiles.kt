package dev.stylizer.core

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import javax.imageio.ImageIO

/** Where the tests' pictures and models are; tests/android/conftest.py makes them and says where. */
object TestFiles {
    /** Pictures, and what the Python package made of them. */
    val golden = File(System.getProperty("stylizer.golden") ?: error("-Dstylizer.golden=folder is missing"))

    fun picture(file: File): Picture {
        val image = ImageIO.read(file) ?: error("$file is no picture")
        val picture = Picture(image.width, image.height)
        image.getRGB(0, 0, image.width, image.height, picture.pixels, 0, image.width)
        for (n in picture.pixels.indices) picture.pixels[n] = picture.pixels[n] or OPAQUE
        return picture
    }

    fun direct(file: File): ByteBuffer {
        val content = file.readBytes()
        return ByteBuffer.allocateDirect(content.size).order(ByteOrder.nativeOrder()).put(content).apply { rewind() }
    }

    /** The files that the app carries; "GPU" gets the float16 file here as there. */
    val models = object : ModelStore {
        override val styles = listOf("sketch")
        override fun style(name: String, accelerator: Accelerator): ByteBuffer {
            val kind = if (accelerator == Accelerator.GPU) "float16" else "int8"
            return direct(File(golden, "models/$name/$kind-512.tflite"))
        }
        override fun faceBoxes() = direct(File(golden, "models/face_detection_short_range.tflite"))
        override fun faceMesh() = direct(File(golden, "models/face_landmark.tflite"))
    }

    /** As a phone whose GPU refuses everything. */
    val cpu = RunnerFactory { model, accelerator, threads ->
        if (accelerator == Accelerator.GPU) throw UnsupportedOperationException("no GPU here")
        DesktopRunner(model, threads)
    }
}

/** In dB, over all channels. */
fun psnr(a: Picture, b: Picture): Double {
    require(a.width == b.width && a.height == b.height) { "${a.width} x ${a.height}, ${b.width} x ${b.height}" }
    var sum = 0.0
    for (n in a.pixels.indices) {
        val r = red(a.pixels[n]) - red(b.pixels[n])
        val g = green(a.pixels[n]) - green(b.pixels[n])
        val u = blue(a.pixels[n]) - blue(b.pixels[n])
        sum += r * r + g * g + u * u
    }
    return 10 * Math.log10(255.0 * 255.0 / maxOf(sum / (3.0 * a.pixels.size), 1e-9))
}
