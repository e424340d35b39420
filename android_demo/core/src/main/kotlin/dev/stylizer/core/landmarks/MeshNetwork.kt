package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture
import dev.stylizer.core.Runner
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.sin

/** MediaPipe's mesh network: fits 468 points to one face. On the thread that opened [runner]. */
class MeshNetwork(private val runner: Runner) : AutoCloseable {
    private val input = SquareInput(runner.inputs.single(), 1 / 255f, 0f)
    private val outputs = runner.outputs.map { directBuffer(it.bytes) }
    private val points = outputs[runner.outputs.indexOfFirst { it.elements == 3 * Mesh.POINTS }].asFloatBuffer()
    private val score = outputs[runner.outputs.indexOfFirst { it.elements == 1 }].asFloatBuffer()
    private val toPicture = Affine()
    private val ofIndices = Affine()

    /** Fits [into] to what is in a region, be it a face or not; returns the probability that it is one. */
    fun fit(picture: Picture, region: Region, into: Mesh): Double {
        val side = input.side
        val scale = region.side / side
        val cosine = scale * cos(region.angle)
        val sine = scale * sin(region.angle)
        toPicture.set(cosine, -sine, 0.0, sine, cosine, 0.0)
        toPicture.shifted(
            region.centerX - toPicture.x(side / 2.0, side / 2.0), region.centerY - toPicture.y(side / 2.0, side / 2.0),
            toPicture)
        warp(picture, toPicture.ofIndices(ofIndices), input.picture, Border.REPLICATE)
        runner.run(input.buffers(), outputs)
        for (n in 0 until Mesh.POINTS) {
            val x = points[3 * n].toDouble()
            val y = points[3 * n + 1].toDouble()
            into.points[2 * n] = toPicture.x(x, y)
            into.points[2 * n + 1] = toPicture.y(x, y)
        }
        into.measure()
        val probability = 1 / (1 + exp(-score[0].toDouble()))
        return if (into.size > 0 && into.size.isFinite() && probability.isFinite()) probability else 0.0
    }

    override fun close() = runner.close()
}
