package dev.stylizer.core

import java.nio.ByteBuffer
import org.bytedeco.javacpp.BytePointer
import org.bytedeco.javacpp.Pointer
import org.bytedeco.tensorflowlite.BuiltinOpResolver
import org.bytedeco.tensorflowlite.FlatBufferModel
import org.bytedeco.tensorflowlite.Interpreter
import org.bytedeco.tensorflowlite.InterpreterBuilder
import org.bytedeco.tensorflowlite.TfLiteTensor
import org.bytedeco.tensorflowlite.global.tensorflowlite as tflite

/** The real TFLite runtime with XNNPACK on this machine's processor, in place of the phone's. */
class DesktopRunner(content: ByteBuffer, threads: Int) : Runner {
    override val accelerator = Accelerator.CPU
    private val bytes = BytePointer(content.duplicate().apply { rewind() })
    private val model = FlatBufferModel.VerifyAndBuildFromBuffer(bytes, bytes.capacity())
        ?.takeUnless { it.isNull } ?: throw IllegalArgumentException("TFLite refuses the model")
    private val resolver = BuiltinOpResolver() // only this interface takes XNNPACK by itself
    private val interpreter = Interpreter(null as Pointer?)

    init {
        val builder = InterpreterBuilder(model, resolver)
        builder.SetNumThreads(threads)
        check(builder.apply(interpreter) == tflite.kTfLiteOk) { "TFLite has no interpreter for the model" }
        builder.close()
        check(interpreter.AllocateTensors() == tflite.kTfLiteOk) { "TFLite cannot allocate" }
    }

    private val inputTensors = List(interpreter.inputs().limit().toInt()) { interpreter.input_tensor(it.toLong()) }
    private val outputTensors = List(interpreter.outputs().limit().toInt()) { interpreter.output_tensor(it.toLong()) }
    override val inputs = inputTensors.map(::info)
    override val outputs = outputTensors.map(::info)

    override fun run(inputs: List<ByteBuffer>, outputs: List<ByteBuffer>) {
        for ((tensor, buffer) in inputTensors.zip(inputs)) {
            buffer.rewind()
            val done = tflite.TfLiteTensorCopyFromBuffer(tensor, Pointer(buffer), buffer.capacity().toLong())
            check(done == tflite.kTfLiteOk)
        }
        check(interpreter.Invoke() == tflite.kTfLiteOk) { "TFLite failed" }
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
        interpreter.close()
        resolver.close()
        model.close()
        bytes.close()
    }
}
