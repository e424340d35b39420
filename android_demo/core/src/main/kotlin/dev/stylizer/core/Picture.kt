package dev.stylizer.core

/**
 * An opaque picture: [pixels] row by row, each 0xAARRGGBB as android.graphics.Bitmap has them. The array may be longer
 * than the picture ([reshape]).
 */
class Picture(width: Int, height: Int, pixels: IntArray = IntArray(width * height)) {
    var width = width
        private set
    var height = height
        private set
    var pixels = pixels
        private set

    init {
        require(width > 0 && height > 0 && pixels.size >= width * height) {
            "a picture of $width x $height with ${pixels.size} pixels"
        }
    }

    /** Of another size from now on, in the same memory, which grows as needed; of whatever content. Returns this. */
    fun reshape(width: Int, height: Int): Picture {
        require(width > 0 && height > 0) { "a picture of $width x $height" }
        pixels = pixels.grownTo(width * height)
        this.width = width
        this.height = height
        return this
    }

    fun copyInto(other: Picture) {
        require(other.width == width && other.height == height)
        pixels.copyInto(other.pixels, 0, 0, width * height)
    }
}

internal const val OPAQUE = 0xFF shl 24

internal fun red(pixel: Int): Int = pixel shr 16 and 0xFF

internal fun green(pixel: Int): Int = pixel shr 8 and 0xFF

internal fun blue(pixel: Int): Int = pixel and 0xFF

internal fun rgb(red: Int, green: Int, blue: Int): Int = OPAQUE or (red shl 16) or (green shl 8) or blue

/** [over] with this share of [alpha] in 0..256 over [under]. */
internal fun mix(under: Int, over: Int, alpha: Int): Int {
    val rest = 256 - alpha
    // red and blue at once: they do not touch each other
    val redBlue = ((under and 0xFF00FF) * rest + (over and 0xFF00FF) * alpha + 0x800080) ushr 8 and 0xFF00FF
    val green = ((under and 0xFF00) * rest + (over and 0xFF00) * alpha + 0x8000) ushr 8 and 0xFF00
    return OPAQUE or redBlue or green
}
