package dev.stylizer.core

import java.nio.ByteBuffer
import org.bytedeco.javacpp.BytePointer
import org.bytedeco.javacpp.Pointer
import org.bytedeco.tensorflowlite.TfLiteTensor
import org.bytedeco.tensorflowlite.global.tensorflowlite as tflite

/** The real TFLite runtime on this machine's processor, in place of the phone's. */
class DesktopRunner(content: ByteBuffer, threads: Int) : Runner {
    override val accelerator = Accelerator.CPU
    private val bytes = BytePointer(content.duplicate().apply { rewind() })
    private val model = tflite.TfLiteModelCreate(bytes, bytes.capacity())
        ?.takeUnless { it.isNull } ?: throw IllegalArgumentException("TFLite refuses the model")
    private val interpreter = tflite.TfLiteInterpreterOptionsCreate().let { options ->
        tflite.TfLiteInterpreterOptionsSetNumThreads(options, threads)
        tflite.TfLiteInterpreterCreate(model, options)
    }

    init {
        check(tflite.TfLiteInterpreterAllocateTensors(interpreter) == tflite.kTfLiteOk) { "TFLite cannot allocate" }
    }

    private val inputTensors = List(tflite.TfLiteInterpreterGetInputTensorCount(interpreter)) {
        tflite.TfLiteInterpreterGetInputTensor(interpreter, it)
    }
    private val outputTensors = List(tflite.TfLiteInterpreterGetOutputTensorCount(interpreter)) {
        tflite.TfLiteInterpreterGetOutputTensor(interpreter, it)
    }
    override val inputs = inputTensors.map(::info)
    override val outputs = outputTensors.map(::info)

    override fun run(inputs: List<ByteBuffer>, outputs: List<ByteBuffer>) {
        for ((tensor, buffer) in inputTensors.zip(inputs)) {
            buffer.rewind()
            val done = tflite.TfLiteTensorCopyFromBuffer(tensor, Pointer(buffer), buffer.capacity().toLong())
            check(done == tflite.kTfLiteOk)
        }
        check(tflite.TfLiteInterpreterInvoke(interpreter) == tflite.kTfLiteOk) { "TFLite failed" }
        for ((tensor, buffer) in outputTensors.zip(outputs)) {
            buffer.rewind()
            val done = tflite.TfLiteTensorCopyToBuffer(tensor, Pointer(buffer), buffer.capacity().toLong())
            check(done == tflite.kTfLiteOk)
        }
    }

    private fun info(tensor: TfLiteTensor): TensorInfo {
        val type = when (tflite.TfLiteTensorType(tensor)) {
            tflite.kTfLiteInt8 -> ElementType.INT8
            tflite.kTfLiteUInt8 -> ElementType.UINT8
            else -> ElementType.FLOAT32
        }
        val shape = List(tflite.TfLiteTensorNumDims(tensor)) { tflite.TfLiteTensorDim(tensor, it) }
        val quantization = tflite.TfLiteTensorQuantizationParams(tensor)
        return TensorInfo(
            tflite.TfLiteTensorName(tensor).string, shape, type, quantization.scale(), quantization.zero_point())
    }

    override fun close() {
        tflite.TfLiteInterpreterDelete(interpreter)
        tflite.TfLiteModelDelete(model)
        bytes.close()
    }
}
