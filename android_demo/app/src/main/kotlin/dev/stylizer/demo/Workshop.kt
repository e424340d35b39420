package dev.stylizer.demo

import android.content.Context
import android.os.Handler
import android.os.Looper

/**
 * What goes on behind the screen and outlives its rotation: the live drawing, and the photo that is being drawn. To be
 * used on the UI thread; background threads' changes of the state come to [observer] there, too.
 */
class Workshop(context: Context) : AutoCloseable {
    private val main = Handler(Looper.getMainLooper())
    private val runners = LiteRunner.Factory(context.codeCacheDir)

    val models = AssetModels(context.assets)
    val frames = FrameExchange()
    val stills = StillDrawing(context, models, runners, main, ::emit)
    val live = LiveDrawing(context, models, runners, frames, ::emit) { photo -> main.post { onPhoto?.invoke(photo) } }

    /** Takes changes of the screen's state; null: they are lost. */
    var observer: ((Change) -> Unit)? = null

    /** Takes the photo that the camera took. */
    var onPhoto: ((Photo) -> Unit)? = null

    /** Frees what can be had again. */
    fun trim() = stills.trim()

    override fun close() {
        observer = null
        onPhoto = null
        live.close()
        stills.close()
    }

    private fun emit(change: Change) {
        main.post { observer?.invoke(change) }
    }
}
