package dev.stylizer.core

import java.nio.ByteBuffer

enum class Accelerator { GPU, CPU }

enum class ElementType(val bytes: Int) { INT8(1), UINT8(1), FLOAT32(4) }

/** What a runtime says of a tensor; real = [scale] * (integer - [zeroPoint]) where it holds integers. */
class TensorInfo(
    val name: String, val shape: List<Int>, val type: ElementType, val scale: Float, val zeroPoint: Int,
) {
    val elements: Int get() = shape.fold(1, Int::times)
    val bytes: Int get() = elements * type.bytes
}

/** A loaded network. The thread that opened it runs and closes it. */
interface Runner : AutoCloseable {
    val accelerator: Accelerator
    val inputs: List<TensorInfo>
    val outputs: List<TensorInfo>

    /** Runs once; direct buffers in native order, in the order of [inputs] and [outputs], read and written whole. */
    fun run(inputs: List<ByteBuffer>, outputs: List<ByteBuffer>)
}

/** Opens networks; throws what it likes where the accelerator refuses one. */
fun interface RunnerFactory {
    fun open(model: ByteBuffer, accelerator: Accelerator, threads: Int): Runner
}

/** Threads of a CPU for drawing: half its cores, on a phone the fast ones. */
internal val DRAWING_THREADS: Int = (Runtime.getRuntime().availableProcessors() / 2).coerceIn(1, 4)

/** Where the model files are. Read only, for any thread; buffers are direct. */
interface ModelStore {
    /** Names, sorted. */
    val styles: List<String>

    /** float16 weights for a GPU, int8 for a CPU. */
    fun style(name: String, accelerator: Accelerator): ByteBuffer

    /** MediaPipe's short-range face detector. */
    fun faceBoxes(): ByteBuffer

    /** MediaPipe's mesh of 468 points. */
    fun faceMesh(): ByteBuffer
}

/** What is drawn: [strength] 0 is the photo, 1 the drawing; [exaggeration] -1..1 bends faces toward the style's. */
data class Settings(val style: String, val strength: Float = 1f, val exaggeration: Float = 0f) {
    init {
        require(strength in 0f..1f && exaggeration in -1f..1f) { "strength $strength, exaggeration $exaggeration" }
    }
}
