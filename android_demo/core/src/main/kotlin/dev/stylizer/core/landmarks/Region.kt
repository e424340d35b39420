package dev.stylizer.core.landmarks

import kotlin.math.atan2
import kotlin.math.max

/** A turned square of a picture, in its pixels. To be overwritten. */
class Region {
    var centerX = 0.0
        private set
    var centerY = 0.0
        private set
    var side = 0.0
        private set

    /** Radians, clockwise, by which the face in it is turned. */
    var angle = 0.0
        private set

    /** Becomes where MediaPipe looks for the face of a box. Returns this. */
    fun around(box: FaceBox): Region = set(
        (box.left + box.right) / 2, (box.top + box.bottom) / 2, max(box.right - box.left, box.bottom - box.top),
        box.tilt)

    /** Becomes where to look for a face that was here a moment ago. Returns this. */
    fun around(mesh: Mesh): Region = set(
        mesh.centerX, mesh.centerY, max(mesh.right - mesh.left, mesh.bottom - mesh.top),
        atan2(
            mesh.points[2 * RIGHT_EYE + 1] - mesh.points[2 * LEFT_EYE + 1],
            mesh.points[2 * RIGHT_EYE] - mesh.points[2 * LEFT_EYE]))

    private fun set(centerX: Double, centerY: Double, longer: Double, angle: Double): Region {
        this.centerX = centerX
        this.centerY = centerY
        this.side = ROOM * longer
        this.angle = angle
        return this
    }

    private companion object {
        const val ROOM = 1.5 // side of the square that the network looks at, per longer side of the face
        const val LEFT_EYE = 33 // outer corners
        const val RIGHT_EYE = 263
    }
}
