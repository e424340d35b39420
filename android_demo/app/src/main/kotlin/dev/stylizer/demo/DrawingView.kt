package dev.stylizer.demo

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Rect
import android.util.AttributeSet
import android.view.View

/** Shows a picture as large as fits, centred: the finished drawing if there is one, else the newest live frame. */
class DrawingView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    private val paint = Paint(Paint.FILTER_BITMAP_FLAG)
    private val place = Rect()

    /** Where live frames come from. */
    var frames: FrameExchange? = null

    /** The finished drawing, shown instead of live frames. */
    var still: Bitmap? = null
        set(value) {
            if (field !== value) invalidate()
            field = value
        }

    /** Nothing is shown: a finished drawing is wanted and not loaded yet. */
    var blank = false
        set(value) {
            if (field != value) invalidate()
            field = value
        }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val bitmap = still ?: (if (blank) null else frames?.newest()) ?: return
        val scale = minOf(width / bitmap.width.toFloat(), height / bitmap.height.toFloat())
        val drawnWidth = (bitmap.width * scale).toInt()
        val drawnHeight = (bitmap.height * scale).toInt()
        val left = (width - drawnWidth) / 2
        val top = (height - drawnHeight) / 2
        place.set(left, top, left + drawnWidth, top + drawnHeight)
        canvas.drawBitmap(bitmap, null, place, paint)
    }
}
