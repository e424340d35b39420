package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture
import dev.stylizer.core.Runner
import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import kotlin.math.atan2
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.max
import kotlin.math.sin

/** A turned square of a picture; [angle] in radians, clockwise, by which the face in it is turned. */
class Region(val centerX: Double, val centerY: Double, val side: Double, val angle: Double) {
    companion object {
        private const val ROOM = 1.5 // side of the square that the network looks at, per longer side of the face

        /** Where MediaPipe looks for the face of a box. */
        fun around(box: FaceBox): Region = Region(
            (box.left + box.right) / 2, (box.top + box.bottom) / 2,
            ROOM * max(box.right - box.left, box.bottom - box.top),
            atan2(box.eyes[3] - box.eyes[1], box.eyes[2] - box.eyes[0]))

        /** Where to look for a face that was here a moment ago. */
        fun around(mesh: Mesh): Region = Region(
            mesh.centerX, mesh.centerY, ROOM * max(mesh.right - mesh.left, mesh.bottom - mesh.top),
            atan2(
                mesh.points[2 * RIGHT_EYE + 1] - mesh.points[2 * LEFT_EYE + 1],
                mesh.points[2 * RIGHT_EYE] - mesh.points[2 * LEFT_EYE]))

        private const val LEFT_EYE = 33 // outer corners
        private const val RIGHT_EYE = 263
    }
}

/** MediaPipe's mesh network: fits 468 points to one face. On the thread that opened [runner]. */
class MeshNetwork(private val runner: Runner) : AutoCloseable {
    private val input = SquareInput(runner.inputs.single(), 1 / 255f, 0f)
    private val outputs = runner.outputs.map { directBuffer(it.bytes) }
    private val points = outputs[runner.outputs.indexOfFirst { it.elements == 3 * Mesh.POINTS }].asFloatBuffer()
    private val score = outputs[runner.outputs.indexOfFirst { it.elements == 1 }].asFloatBuffer()

    /** Fits [into] to what is in a region, be it a face or not; returns the probability that it is one. */
    fun fit(picture: Picture, region: Region, into: Mesh): Double {
        val side = input.side
        val scale = region.side / side
        val cosine = scale * cos(region.angle)
        val sine = scale * sin(region.angle)
        val turn = Affine(cosine, -sine, 0.0, sine, cosine, 0.0)
        val toPicture = turn.shifted(
            region.centerX - turn.x(side / 2.0, side / 2.0), region.centerY - turn.y(side / 2.0, side / 2.0))
        warp(picture, toPicture.ofIndices(), input.picture, Border.REPLICATE)
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
