package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture
import dev.stylizer.core.Runner
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import kotlin.math.exp
import kotlin.math.max

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
    private val toPicture = Affine()
    private val ofIndices = Affine()
    private val candidates = FaceBoxList()
    private val used = BooleanArray(anchors.size / 2) // of the candidates

    /** What the last search found, most certain first. The next one overwrites it. */
    val found = FaceBoxList()

    /** Searches the whole [picture]; returns [found]. */
    fun find(picture: Picture): FaceBoxList =
        find(picture, 0.0, 0.0, picture.width.toDouble(), picture.height.toDouble())

    /** Searches a window of [picture], which may reach beyond it; returns [found]. */
    fun find(picture: Picture, left: Double, top: Double, right: Double, bottom: Double): FaceBoxList {
        // the whole window with black bars
        val scale = max(right - left, bottom - top) / side
        toPicture.set(
            scale, 0.0, (left + right) / 2 - scale * side / 2, 0.0, scale, (top + bottom) / 2 - scale * side / 2)
        warp(picture, toPicture.ofIndices(ofIndices), input.picture, Border.BLACK)
        runner.run(input.buffers(), outputs)
        collect()
        merge()
        return found
    }

    /** Fills [candidates]. */
    private fun collect() {
        candidates.clear()
        for (n in 0 until anchors.size / 2) {
            val score = 1 / (1 + exp(-rawScores[n].toDouble().coerceIn(-100.0, 100.0)))
            if (!(score >= LEAST_SCORE)) continue // NaN, too
            val halfWidth = rawBoxes[VALUES * n + 2] * toPicture.xx / 2
            val halfHeight = rawBoxes[VALUES * n + 3] * toPicture.yy / 2
            if (!(halfWidth > 0 && halfHeight > 0)) continue
            val box = candidates.add()
            box.score = score
            box.values[0] = x(n, 0) - halfWidth
            box.values[1] = y(n, 1) - halfHeight
            box.values[2] = x(n, 0) + halfWidth
            box.values[3] = y(n, 1) + halfHeight
            for (k in 4..6 step 2) {
                box.values[k] = x(n, k)
                box.values[k + 1] = y(n, k + 1)
            }
        }
        candidates.sortDescending { it.score }
    }

    /** In the picture: what the network says at [k] of the anchor [n]. */
    private fun x(n: Int, k: Int): Double = toPicture.x((rawBoxes[VALUES * n + k] + anchors[2 * n]).toDouble(), 0.0)

    private fun y(n: Int, k: Int): Double = toPicture.y(0.0, (rawBoxes[VALUES * n + k] + anchors[2 * n + 1]).toDouble())

    /** Fills [found]: of candidates that overlap their mean, weighted by their scores. */
    private fun merge() {
        found.clear()
        used.fill(false)
        for (first in 0 until candidates.size) {
            if (used[first]) continue
            val best = candidates[first]
            val mean = found.add()
            mean.score = best.score
            mean.values.fill(0.0)
            var total = 0.0
            for (n in first until candidates.size) {
                val box = candidates[n]
                if (used[n] || n > first && !(overlap(box, best) > OVERLAP)) continue
                used[n] = true
                total += box.score
                for (k in box.values.indices) mean.values[k] += box.score * box.values[k]
            }
            for (k in mean.values.indices) mean.values[k] /= total
        }
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
