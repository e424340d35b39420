package dev.stylizer.demo

/**
 * How a stored picture becomes upright: turned clockwise by [quarters] of a circle, then [mirrored] left to right.
 * Without Android.
 *
 * @param quarters 0..3
 */
data class Orientation(val quarters: Int = 0, val mirrored: Boolean = false) {
    /** The upright picture is as wide as the stored one is high. */
    val turned get() = quarters % 2 == 1

    /** As in a mirror, from upright. */
    fun mirroredAgain() = copy(mirrored = !mirrored)

    /** Where the pixel at ([x], [y]) of a stored picture of [width] x [height] is in the upright one, row by row. */
    fun index(x: Int, y: Int, width: Int, height: Int): Int {
        val across = when (quarters) {
            0 -> x
            1 -> height - 1 - y
            2 -> width - 1 - x
            else -> y
        }
        val down = when (quarters) {
            0 -> y
            1 -> x
            2 -> height - 1 - y
            else -> width - 1 - x
        }
        val uprightWidth = if (turned) height else width
        return down * uprightWidth + if (mirrored) uprightWidth - 1 - across else across
    }

    companion object {
        /** From EXIF's tag, 1..8; anything else is upright. */
        fun ofExif(tag: Int): Orientation = when (tag) {
            2 -> Orientation(0, mirrored = true)
            3 -> Orientation(2)
            4 -> Orientation(2, mirrored = true)
            5 -> Orientation(1, mirrored = true)
            6 -> Orientation(1)
            7 -> Orientation(3, mirrored = true)
            8 -> Orientation(3)
            else -> Orientation()
        }
    }
}
