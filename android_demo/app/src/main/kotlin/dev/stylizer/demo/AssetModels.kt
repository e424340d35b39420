package dev.stylizer.demo

import android.content.res.AssetManager
import dev.stylizer.core.Accelerator
import dev.stylizer.core.ModelStore
import java.io.FileInputStream
import java.io.InputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

/** The models in the APK, mapped into memory; they must be stored there uncompressed. */
class AssetModels(private val assets: AssetManager) : ModelStore {
    override val styles: List<String> by lazy {
        val folders = assets.list(STYLES).orEmpty().map { it.substringBefore('/') } // Robolectric lists whole paths
        folders.distinct().filter { style ->
            assets.list("$STYLES/$style").orEmpty().toList().containsAll(listOf(FOR_GPU, FOR_CPU))
        }.sorted()
    }

    override fun style(name: String, accelerator: Accelerator): ByteBuffer =
        map("$STYLES/$name/${if (accelerator == Accelerator.GPU) FOR_GPU else FOR_CPU}")

    override fun faceBoxes(): ByteBuffer = map("landmarks/face_detection_short_range.tflite")

    override fun faceMesh(): ByteBuffer = map("landmarks/face_landmark.tflite")

    /** A JPEG that shows what a style looks like; throws IOException if there is none. */
    fun thumbnail(style: String): InputStream = assets.open("$STYLES/$style/thumbnail.jpg")

    private fun map(path: String): ByteBuffer = assets.openFd(path).use { asset ->
        FileInputStream(asset.fileDescriptor).use { file ->
            file.channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
                .order(ByteOrder.nativeOrder())
        }
    }

    private companion object {
        const val STYLES = "models"
        const val FOR_GPU = "float16-512.tflite"
        const val FOR_CPU = "int8-512.tflite"
    }
}
