package dev.stylizer.demo

import android.graphics.Bitmap
import dev.stylizer.core.Picture

private const val OPAQUE = 0xFF shl 24

/** The pixels of a bitmap in software memory, upright; what is transparent lies on white. */
fun Bitmap.toPicture(orientation: Orientation): Picture {
    val picture = if (orientation.turned) Picture(height, width) else Picture(width, height)
    val row = IntArray(width)
    for (y in 0 until height) {
        getPixels(row, 0, width, 0, y, width, 1)
        val first = orientation.index(0, y, width, height)
        val step = orientation.index(1, y, width, height) - first
        for (x in 0 until width) picture.pixels[first + step * x] = onWhite(row[x])
    }
    return picture
}

/** A bitmap of its own with the same pixels. */
fun Picture.toBitmap(): Bitmap = Bitmap.createBitmap(pixels, width, height, Bitmap.Config.ARGB_8888)

private fun onWhite(pixel: Int): Int {
    val alpha = pixel ushr 24
    if (alpha == 255) return pixel
    return OPAQUE or (over(pixel shr 16, alpha) shl 16) or (over(pixel shr 8, alpha) shl 8) or over(pixel, alpha)
}

private fun over(channel: Int, alpha: Int): Int = ((channel and 0xFF) * alpha + 255 * (255 - alpha) + 127) / 255
