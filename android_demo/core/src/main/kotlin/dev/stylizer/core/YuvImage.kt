package dev.stylizer.core

import java.nio.ByteBuffer

/**
 * A camera's frame, YUV 4:2:0 of BT.601 in full range as Android's cameras give it; chroma planes may interleave. To be
 * set again and again, in the same memory.
 */
class YuvImage {
    private var width = 0
    private var height = 0
    private var yRowStride = 0
    private var uvRowStride = 0
    private var uvPixelStride = 0

    // arrays are read faster than direct buffers
    private var y = ByteArray(0)
    private var u = ByteArray(0)
    private var v = ByteArray(0)

    /** Copies the planes; they are left as they were. Strides in bytes. */
    fun set(
        width: Int, height: Int, y: ByteBuffer, u: ByteBuffer, v: ByteBuffer,
        yRowStride: Int, uvRowStride: Int, uvPixelStride: Int,
    ) {
        this.width = width
        this.height = height
        this.yRowStride = yRowStride
        this.uvRowStride = uvRowStride
        this.uvPixelStride = uvPixelStride
        this.y = copied(y, this.y)
        this.u = copied(u, this.u)
        this.v = copied(v, this.v)
    }

    /** What remains of [plane], in [into] or a larger array. */
    private fun copied(plane: ByteBuffer, into: ByteArray): ByteArray {
        val begin = plane.position()
        val size = plane.remaining()
        val array = if (into.size < size) ByteArray(size) else into
        plane.get(array, 0, size)
        plane.position(begin)
        return array
    }

    /**
     * The middle square of the upright picture into [into].
     *
     * @param rotationDegrees 0, 90, 180 or 270, clockwise: what makes the frame upright
     * @param mirrored left and right change places afterwards, as in a mirror
     */
    fun toSquare(into: Picture, rotationDegrees: Int, mirrored: Boolean) {
        require(rotationDegrees % 90 == 0 && into.width == into.height) {
            "rotation $rotationDegrees, picture ${into.width} x ${into.height}"
        }
        val side = minOf(width, height)
        val left = (width - side) / 2
        val top = (height - side) / 2
        val turns = Math.floorMod(rotationDegrees / 90, 4)
        val size = into.width
        // 16 bits of fraction; a step of one in the result, along its rows and columns
        val step = ((side.toLong() shl 16) / size).toInt()
        val first = step / 2
        for (row in 0 until size) for (column in 0 until size) {
            val across = first + step * if (mirrored) size - 1 - column else column
            val along = first + step * row
            val far = (side shl 16) - 1
            val sx: Int
            val sy: Int
            when (turns) {
                0 -> { sx = across; sy = along }
                1 -> { sx = along; sy = far - across }
                2 -> { sx = far - across; sy = far - along }
                else -> { sx = far - along; sy = across }
            }
            into.pixels[row * size + column] = pixel(left, top, side, sx, sy)
        }
    }

    /** At a place in the square with 16 bits of fraction; luma between its four neighbours, chroma the nearest. */
    private fun pixel(left: Int, top: Int, side: Int, sx: Int, sy: Int): Int {
        val px = (sx - 0x8000).coerceIn(0, (side - 1) shl 16)
        val py = (sy - 0x8000).coerceIn(0, (side - 1) shl 16)
        val x = px shr 16
        val z = py shr 16
        val fx = px shr 8 and 0xFF
        val fy = py shr 8 and 0xFF
        val right = if (x + 1 < side) 1 else 0
        val below = if (z + 1 < side) yRowStride else 0
        val at = (top + z) * yRowStride + left + x
        val upper = luma(at) * (256 - fx) + luma(at + right) * fx
        val lower = luma(at + below) * (256 - fx) + luma(at + below + right) * fx
        val bright = (upper * (256 - fy) + lower * fy) shr 16
        val chroma = (top + (sy shr 16)) / 2 * uvRowStride + (left + (sx shr 16)) / 2 * uvPixelStride
        val blueness = (u[chroma].toInt() and 0xFF) - 128
        val redness = (v[chroma].toInt() and 0xFF) - 128
        return rgb(
            clamp(bright + (359 * redness + 128 shr 8)),
            clamp(bright - (88 * blueness + 183 * redness + 128 shr 8)),
            clamp(bright + (454 * blueness + 128 shr 8)))
    }

    private fun luma(at: Int): Int = y[at].toInt() and 0xFF

    private fun clamp(value: Int): Int = if (value < 0) 0 else if (value > 255) 255 else value
}
