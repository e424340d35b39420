package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture
import dev.stylizer.core.Runner
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import kotlin.math.exp
import kotlin.math.max

/** A face as the detector sees it, in pixels of the picture: a box, and the eyes' centres. */
class FaceBox(
    val left: Double, val top: Double, val right: Double, val bottom: Double,
    val eyes: DoubleArray, val score: Double,
) {
    val area: Double get() = (right - left) * (bottom - top)

    fun enlarged(factor: Double) = FaceBox(
        left * factor, top * factor, right * factor, bottom * factor,
        DoubleArray(eyes.size) { eyes[it] * factor }, score)
}

/**
 * MediaPipe's short-range detector (BlazeFace, Bazarevsky et al. 2019): 896 anchors, weighted suppression. Finds faces
 * within about two metres of a phone.
 */
class FaceBoxes(private val runner: Runner) : AutoCloseable {
    private val input = SquareInput(runner.inputs.single(), 1 / 127.5f, -1f)
    private val side = input.side
    private val boxes = runner.outputs.first { it.shape.last() == VALUES }
    private val scores = runner.outputs.first { it.shape.last() == 1 }
    private val outputs = runner.outputs.map { directBuffer(it.bytes) }
    private val rawBoxes = outputs[runner.outputs.indexOf(boxes)].asFloatBuffer()
    private val rawScores = outputs[runner.outputs.indexOf(scores)].asFloatBuffer()
    private val anchors = anchors(side)

    /** Faces in [picture], most certain first. */
    fun find(picture: Picture): List<FaceBox> =
        find(picture, 0.0, 0.0, picture.width.toDouble(), picture.height.toDouble())

    /** Faces in a window of [picture], which may reach beyond it. */
    fun find(picture: Picture, left: Double, top: Double, right: Double, bottom: Double): List<FaceBox> {
        // the whole window with black bars
        val scale = max(right - left, bottom - top) / side
        val toPicture = Affine(
            scale, 0.0, (left + right) / 2 - scale * side / 2, 0.0, scale, (top + bottom) / 2 - scale * side / 2)
        warp(picture, toPicture.ofIndices(), input.picture, Border.BLACK)
        runner.run(input.buffers(), outputs)
        return merged(candidates(toPicture))
    }

    private fun candidates(toPicture: Affine): List<FaceBox> {
        val found = ArrayList<FaceBox>()
        for (n in 0 until anchors.size / 2) {
            val score = 1 / (1 + exp(-rawScores[n].toDouble().coerceIn(-100.0, 100.0)))
            if (!(score >= LEAST_SCORE)) continue // NaN, too
            fun x(k: Int) = toPicture.x((rawBoxes[VALUES * n + k] + anchors[2 * n]).toDouble(), 0.0)
            fun y(k: Int) = toPicture.y(0.0, (rawBoxes[VALUES * n + k] + anchors[2 * n + 1]).toDouble())
            val halfWidth = rawBoxes[VALUES * n + 2] * toPicture.xx / 2
            val halfHeight = rawBoxes[VALUES * n + 3] * toPicture.yy / 2
            if (!(halfWidth > 0 && halfHeight > 0)) continue
            found += FaceBox(
                x(0) - halfWidth, y(1) - halfHeight, x(0) + halfWidth, y(1) + halfHeight,
                doubleArrayOf(x(4), y(5), x(6), y(7)), score)
        }
        return found.sortedByDescending { it.score }
    }

    /** Boxes that overlap become their mean, weighted by their scores. */
    private fun merged(candidates: List<FaceBox>): List<FaceBox> {
        val merged = ArrayList<FaceBox>()
        var rest = candidates
        while (rest.isNotEmpty()) {
            val best = rest.first()
            val (same, others) = rest.partition { overlap(it, best) > OVERLAP }
            val total = same.sumOf { it.score }
            fun mean(value: (FaceBox) -> Double) = same.sumOf { it.score * value(it) } / total
            merged += FaceBox(
                mean { it.left }, mean { it.top }, mean { it.right }, mean { it.bottom },
                DoubleArray(4) { k -> mean { it.eyes[k] } }, best.score)
            rest = others
        }
        return merged
    }

    override fun close() = runner.close()

    private companion object {
        const val VALUES = 16 // per anchor: box and six points
        const val LEAST_SCORE = 0.5
        const val OVERLAP = 0.3

        /** Centres in pixels of the network's input: two an 8 x 8 cell, six a 16 x 16 cell. */
        fun anchors(side: Int): FloatArray {
            val centers = ArrayList<Float>()
            for ((stride, each) in listOf(8 to 2, 16 to 6)) {
                for (row in 0 until side / stride) for (column in 0 until side / stride) repeat(each) {
                    centers += (column + 0.5f) * stride
                    centers += (row + 0.5f) * stride
                }
            }
            return centers.toFloatArray()
        }
    }
}

/** Intersection over union. */
internal fun overlap(a: FaceBox, b: FaceBox): Double =
    overlap(a.left, a.top, a.right, a.bottom, b.left, b.top, b.right, b.bottom)

internal fun overlap(
    left: Double, top: Double, right: Double, bottom: Double,
    otherLeft: Double, otherTop: Double, otherRight: Double, otherBottom: Double,
): Double {
    val width = minOf(right, otherRight) - maxOf(left, otherLeft)
    val height = minOf(bottom, otherBottom) - maxOf(top, otherTop)
    if (width <= 0 || height <= 0) return 0.0
    val areas = (right - left) * (bottom - top) + (otherRight - otherLeft) * (otherBottom - otherTop)
    return width * height / (areas - width * height)
}
