package dev.stylizer.core.drawing

import dev.stylizer.core.Accelerator
import dev.stylizer.core.ModelStore
import dev.stylizer.core.RunnerFactory

/**
 * Opens styles on the GPU, or on the CPU where that refuses, and says which and why. It keeps one open; on the thread
 * that draws, to which all that the GPU has belongs.
 */
class StyleLoader(private val models: ModelStore, private val runners: RunnerFactory) : AutoCloseable {
    private var open: StyleNetwork? = null
    private var name = ""

    /** Why the CPU is in use, or null. */
    var fallback: String? = null
        private set

    /** The style, loaded if it is not the one in use; throws if the CPU cannot run it either. */
    fun network(style: String): StyleNetwork {
        open?.let { if (style == name) return it }
        close()
        val loaded = fallback?.let { load(style, Accelerator.CPU) } ?: try {
            load(style, Accelerator.GPU)
        } catch (e: Throwable) { // a native library that is missing is an Error
            refused(e)
            load(style, Accelerator.CPU)
        }
        open = loaded
        name = style
        return loaded
    }

    /** After a failure: true if the CPU is worth trying now, false if it was not the accelerator's or the CPU's own. */
    fun fallBack(reason: Throwable): Boolean {
        if (reason !is RunFailed || fallback != null) return false
        refused(reason)
        close()
        return true
    }

    private fun refused(reason: Throwable) {
        fallback = reason.message?.lineSequence()?.first()?.take(120) ?: reason.javaClass.simpleName
    }

    private fun load(style: String, accelerator: Accelerator) = StyleNetwork.open(models, runners, style, accelerator)

    override fun close() {
        val closing = open
        open = null
        try {
            closing?.close()
        } catch (_: RuntimeException) {
            // a delegate that failed may fail again here; its memory goes with the process
        }
    }
}
