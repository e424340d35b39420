package dev.stylizer.demo

import dev.stylizer.core.Accelerator
import dev.stylizer.core.ElementType
import dev.stylizer.core.Runner
import dev.stylizer.core.RunnerFactory
import dev.stylizer.core.TensorInfo
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor
import org.tensorflow.lite.gpu.GpuDelegate
import org.tensorflow.lite.gpu.GpuDelegateFactory
import java.io.File
import java.nio.Buffer
import java.nio.ByteBuffer
import java.util.zip.CRC32

/** A network in TensorFlow Lite: wholly or in part on the GPU, or on the CPU through XNNPACK. */
class LiteRunner private constructor(
    override val accelerator: Accelerator, private val interpreter: Interpreter, private val delegate: GpuDelegate?,
    private var onSurvived: (() -> Unit)?,
) : Runner {
    override val inputs = List(interpreter.inputTensorCount) { describe(interpreter.getInputTensor(it)) }
    override val outputs = List(interpreter.outputTensorCount) { describe(interpreter.getOutputTensor(it)) }

    private val read = arrayOfNulls<Any>(inputs.size)
    private val written = HashMap<Int, Any>()

    override fun run(inputs: List<ByteBuffer>, outputs: List<ByteBuffer>) {
        for (n in inputs.indices) read[n] = rewound(inputs[n])
        for (n in outputs.indices) written[n] = rewound(outputs[n])
        interpreter.runForMultipleInputsOutputs(read, written) // makes an iterator, and a buffer for each output
        survived()
        for (n in inputs.indices) rewound(inputs[n])
        for (n in outputs.indices) rewound(outputs[n])
    }

    private fun survived() {
        onSurvived?.invoke()
        onSurvived = null
    }

    override fun close() {
        survived()
        interpreter.close()
        delegate?.close()
    }

    // As a Buffer: on old phones ByteBuffer has no rewind() of its own.
    private fun rewound(buffer: ByteBuffer): ByteBuffer = buffer.also { (it as Buffer).rewind() }

    private fun describe(tensor: Tensor) = TensorInfo(
        tensor.name().removePrefix("serving_default_").substringBeforeLast(':'), tensor.shape().asList(),
        when (val type = tensor.dataType()) {
            DataType.FLOAT32 -> ElementType.FLOAT32
            DataType.INT8 -> ElementType.INT8
            DataType.UINT8 -> ElementType.UINT8
            else -> throw IllegalArgumentException("a tensor of type $type")
        },
        tensor.quantizationParams().scale, tensor.quantizationParams().zeroPoint)

    /**
     * Opens runners.
     *
     * @param cache folder for what a GPU compiled, so that the next start is faster
     */
    class Factory(private val cache: File) : RunnerFactory {
        // A driver may take the whole app down; then the GPU is left alone. Its size: how often it was tried in vain.
        private val trials = File(cache, "gpu-trials")

        /** [threads] are those of the CPU. Throws if the runtime refuses the model or the phone has no such GPU. */
        override fun open(model: ByteBuffer, accelerator: Accelerator, threads: Int): Runner {
            var delegate: GpuDelegate? = null
            var interpreter: Interpreter? = null
            val onGpu = accelerator == Accelerator.GPU
            if (onGpu) {
                check(trials.length() < MOST_TRIALS) { "the GPU's driver ended the app before" }
                trials.appendBytes(byteArrayOf(0))
            }
            try {
                val options = Interpreter.Options().setNumThreads(threads)
                if (onGpu) {
                    delegate = GpuDelegate(gpuOptions(model))
                    options.addDelegate(delegate)
                } else {
                    options.setUseXNNPACK(true)
                }
                interpreter = Interpreter(model, options)
                return LiteRunner(accelerator, interpreter, delegate, if (onGpu) ({ trials.delete() }) else null)
            } catch (e: Throwable) {
                if (onGpu) trials.delete()
                interpreter?.close()
                delegate?.close()
                if (e is LinkageError) throw IllegalStateException("no native library for this phone", e)
                throw e
            }
        }

        private fun gpuOptions(model: ByteBuffer): GpuDelegateFactory.Options = GpuDelegateFactory.Options()
            .setPrecisionLossAllowed(true)
            .setInferencePreference(GpuDelegateFactory.Options.INFERENCE_PREFERENCE_SUSTAINED_SPEED)
            .setSerializationParams(cache.path, token(model))

        private fun token(model: ByteBuffer): String {
            val checksum = CRC32()
            checksum.update(model.duplicate().also { (it as Buffer).rewind() })
            return java.lang.Long.toHexString(checksum.value)
        }

        private companion object {
            const val MOST_TRIALS = 2L
        }
    }
}
