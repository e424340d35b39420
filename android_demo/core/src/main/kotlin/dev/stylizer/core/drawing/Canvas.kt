package dev.stylizer.core.drawing

import dev.stylizer.core.Picture
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.Bounds
import dev.stylizer.core.geometry.Resizer
import dev.stylizer.core.geometry.resized
import dev.stylizer.core.geometry.warp
import dev.stylizer.core.mix
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.max
import kotlin.math.min
import kotlin.math.roundToInt
import kotlin.math.sqrt

/**
 * Draws pictures of any size with a network of one size: overlapping tiles that cross-fade, and upright frames around
 * faces, pasted back; the latter in the same memory for all. A port of stylizer/inference/canvas.py; on the network's
 * thread.
 */
class Canvas(private val network: StyleNetwork) {
    private val side = network.side
    private val tile = Picture(side, side)
    private val drawn = Picture(side, side)
    private val resizer = Resizer()
    private val spare = Picture(1, 1)
    private val line = Picture(1, 1)
    private val toPicture = Affine()
    private val toReduced = Affine()
    private val toFace = Affine()
    private val toOnto = Affine()
    private val bounds = Bounds()

    /** Factor by which a picture is resized so that its largest face has the size that the network knows. */
    fun scaleFor(largest: Affine?, width: Int, height: Int): Double {
        val longer = max(width, height).toDouble()
        val wanted = min(
            largest?.scale ?: (FACELESS_TILES * side / longer), sqrt(MOST_PIXELS / (width.toDouble() * height)))
        val candidates = arrayListOf(wanted)
        for (length in listOf(height, width)) { // sizes that just fill their tiles
            val filled = tiles(wanted * length) * (side / 2) / length.toDouble()
            if (filled >= SHRINKS * wanted && filled < wanted) candidates += filled
        }
        return candidates.minWith(compareBy({ tiles(it * height) * tiles(it * width) }, { -it }))
    }

    /** The whole picture drawn at a scale, in its own size. */
    fun draw(picture: Picture, scale: Double, progress: (Float) -> Unit): Picture {
        val columns = max(SMALLEST, (picture.width * scale).roundToInt())
        val rows = max(SMALLEST, (picture.height * scale).roundToInt())
        val canvas = resized(picture, columns, rows)
        val across = tiles(columns.toDouble())
        val down = tiles(rows.toDouble())
        val result = Picture(columns, rows)
        val step = side / 2
        val strip = Picture(columns, min(side, rows)) // one row of tiles
        for (i in 0 until down) {
            for (j in 0 until across) {
                cut(canvas, j * step, i * step)
                // strokes run on from tile to tile
                network.draw(tile, drawn, Affine().shifted(-j * step.toDouble(), -i * step.toDouble()))
                crossFade(drawn, strip, j * step, 0, if (j == 0) 0 else side / 8, horizontal = true)
                progress((i * across + j + 1f) / (down * across))
            }
            crossFade(strip, result, 0, i * step, if (i == 0) 0 else side / 8, horizontal = false)
        }
        return resized(result, picture.width, picture.height)
    }

    /** The tile at (left, top), mirrored beyond the canvas. */
    private fun cut(canvas: Picture, left: Int, top: Int) {
        for (y in 0 until side) {
            val row = Border.REFLECT.index(top + y, canvas.height) * canvas.width
            for (x in 0 until side) {
                tile.pixels[y * side + x] = canvas.pixels[row + Border.REFLECT.index(left + x, canvas.width)]
            }
        }
    }

    /**
     * Lays [from] at (left, top) over [onto]. With a [begin] above 0 it appears from there on over a quarter of the
     * tile's side, as weights that add up to one with those of what it covers.
     */
    private fun crossFade(from: Picture, onto: Picture, left: Int, top: Int, begin: Int, horizontal: Boolean) {
        val height = min(from.height, onto.height - top)
        val width = min(from.width, onto.width - left)
        for (y in 0 until height) for (x in 0 until width) {
            val place = if (horizontal) x else y
            val rise = if (begin == 0) 1.0 else (place + 0.5 - begin) / (2 * begin)
            val alpha = (256 * rise).roundToInt().coerceIn(0, 256)
            if (alpha == 0) continue
            val at = (top + y) * onto.width + left + x
            onto.pixels[at] = mix(onto.pixels[at], from.pixels[y * from.width + x], alpha)
        }
    }

    /** Draws what [frame] shows of [picture] upright and lays it, fading at its border, over [onto]. */
    fun drawFrame(picture: Picture, frame: Affine, share: Double, onto: Picture) {
        frame.inverse(toPicture)
        if (frame.scale < SHRINKS) reduceIntoTile(picture, frame.scale) else {
            warp(picture, toPicture, tile, Border.REFLECT)
        }
        network.draw(tile, drawn)
        paste(frame, share, onto)
    }

    /** What a frame of this [scale] shows: averaged over areas first; the rest is a turn without a change of size. */
    private fun reduceIntoTile(picture: Picture, scale: Double) {
        val width = max(1, (picture.width * scale).roundToInt())
        val height = max(1, (picture.height * scale).roundToInt())
        val x = width.toDouble() / picture.width
        val y = height.toDouble() / picture.height
        bounds.set(toPicture, side.toDouble())
        // only what is seen; a frame that reaches beyond the picture sees it mirrored, maybe all of it
        val inside = bounds.left >= 0 && bounds.top >= 0 &&
            bounds.right <= picture.width && bounds.bottom <= picture.height
        val left = if (inside) max(0, floor(bounds.left * x).toInt() - 1) else 0
        val top = if (inside) max(0, floor(bounds.top * y).toInt() - 1) else 0
        val right = if (inside) min(width, ceil(bounds.right * x).toInt() + 1) else width
        val bottom = if (inside) min(height, ceil(bounds.bottom * y).toInt() + 1) else height
        val reduced = spare.reshape(right - left, bottom - top)
        resizer.resize(picture, width, height, reduced, left, top)
        toReduced.set(x, 0.0, -left.toDouble(), 0.0, y, -top.toDouble()).after(toPicture, toReduced)
        warp(reduced, toReduced, tile, Border.REFLECT)
    }

    private fun paste(frame: Affine, share: Double, onto: Picture) {
        // the way back shrinks: average first
        val small = max(8, (side / max(frame.scale, 1.0)).roundToInt())
        val face = if (small < side) spare.reshape(small, small) else drawn
        if (small < side) resizer.resize(drawn, small, small, face)
        if (small < side) frame.enlarged(small.toDouble() / side, toFace) else toFace.set(frame)
        bounds.set(toFace.inverse(toOnto), face.width.toDouble())
        val left = floor(bounds.left).toInt().coerceIn(0, onto.width)
        val top = floor(bounds.top).toInt().coerceIn(0, onto.height)
        val right = ceil(bounds.right).toInt().coerceIn(0, onto.width)
        val bottom = ceil(bounds.bottom).toInt().coerceIn(0, onto.height)
        if (right <= left || bottom <= top) return
        line.reshape(right - left, 1)
        for (y in top until bottom) {
            warp(face, toFace, line, Border.REPLICATE, left, y)
            for (x in 0 until line.width) {
                val u = abs(2 * toFace.x(left + x + 0.5, y + 0.5) / face.width - 1)
                val v = abs(2 * toFace.y(left + x + 0.5, y + 0.5) / face.height - 1)
                val t = ((1 - max(u, v)) / FEATHER).coerceIn(0.0, 1.0)
                val alpha = (256 * share * t * t * (3 - 2 * t)).roundToInt()
                if (alpha == 0) continue
                val at = y * onto.width + left + x
                onto.pixels[at] = mix(onto.pixels[at], line.pixels[x], alpha)
            }
        }
    }

    /** How many tiles, half overlapping, cover a length. */
    private fun tiles(length: Double): Int = max(1, ceil(length.roundToInt() / (side / 2.0)).toInt() - 1)

    private companion object {
        const val MOST_PIXELS = 6_000_000.0 // of a canvas: larger photos are drawn smaller
        const val FACELESS_TILES = 1.5
        const val SHRINKS = 0.85
        const val FEATHER = 0.3 // of half a frame: width of the border that fades
        const val SMALLEST = 32
    }
}
