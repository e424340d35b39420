package dev.stylizer.demo

import android.graphics.Bitmap
import dev.stylizer.core.Picture

/**
 * Hands the newest frame from the drawing thread to the screen: three bitmaps, one being written, one waiting, one
 * shown. Neither side waits for the other, and what is on the screen is never written to.
 */
class FrameExchange {
    private var written: Bitmap? = null
    private var waiting: Bitmap? = null
    private var shown: Bitmap? = null
    private var fresh = false

    /** Called on the drawing thread when a frame is there. */
    @Volatile var onFrame: (() -> Unit)? = null

    /** Drawing thread: copies [picture], which may change when this returns. */
    fun publish(picture: Picture) {
        val bitmap = fitting(written, picture)
        bitmap.setPixels(picture.pixels, 0, picture.width, 0, 0, picture.width, picture.height)
        synchronized(this) {
            written = waiting
            waiting = bitmap
            fresh = true
        }
        onFrame?.invoke()
    }

    /** UI thread: the newest frame, which stays as it is until this is called again; null before the first one. */
    fun newest(): Bitmap? = synchronized(this) {
        if (fresh) {
            val seen = shown
            shown = waiting
            waiting = seen
            fresh = false
        }
        shown
    }

    private fun fitting(bitmap: Bitmap?, picture: Picture): Bitmap {
        if (bitmap != null && bitmap.width == picture.width && bitmap.height == picture.height) return bitmap
        return Bitmap.createBitmap(picture.width, picture.height, Bitmap.Config.ARGB_8888)
            .apply { setHasAlpha(false) } // opaque: copied without a multiplication
    }
}
