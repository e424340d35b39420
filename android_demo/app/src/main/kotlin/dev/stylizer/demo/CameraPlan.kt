package dev.stylizer.demo

import kotlin.math.abs

/** Width and height in pixels. */
data class PixelSize(val width: Int, val height: Int) {
    val shorter get() = minOf(width, height)
    val area get() = width.toLong() * height
}

/** How a camera is used: sizes, speed and which way is up. Without Android. */
object CameraPlan {
    /** Photos of 12 megapixel cameras, which are not quite 12,000,000 pixels, are taken whole. */
    const val MOST_PHOTO_PIXELS = 12_600_000L

    private const val FRAMES_PER_SECOND = 30
    private const val FEWEST_FRAMES_PER_SECOND = 20

    /** Of [sizes], the smallest whose shorter side has [side] pixels or more; if there is none, the largest. */
    fun frameSize(sizes: List<PixelSize>, side: Int): PixelSize? =
        sizes.filter { it.shorter >= side }.minByOrNull { it.area } ?: sizes.maxByOrNull { it.shorter }

    /** Of [sizes], the largest that is not too large; if all are, the smallest. */
    fun photoSize(sizes: List<PixelSize>): PixelSize? =
        sizes.filter { it.area <= MOST_PHOTO_PIXELS }.maxByOrNull { it.area } ?: sizes.minByOrNull { it.area }

    /**
     * Of [ranges] of frames a second, the index of the one that ends nearest to 30; among those the one that begins
     * nearest to 20, so that a dim room may be exposed longer. Null if there are none.
     */
    fun speed(ranges: List<IntRange>): Int? = ranges.indices.minWithOrNull(
        compareBy(
            { abs(ranges[it].last - FRAMES_PER_SECOND) },
            { abs(ranges[it].first - FEWEST_FRAMES_PER_SECOND) }))

    /**
     * Degrees clockwise by which a frame must be turned to be upright on the display: 0, 90, 180 or 270.
     *
     * @param sensor degrees clockwise that make a frame upright when the display is in its natural orientation
     * @param display degrees counter-clockwise by which the device is turned from there: `Display.getRotation`
     * @param facing a front camera looks the other way, hence sees the device turn the other way
     */
    fun rotation(sensor: Int, display: Int, facing: Facing): Int =
        Math.floorMod(if (facing == Facing.FRONT) sensor + display else sensor - display, 360)
}
