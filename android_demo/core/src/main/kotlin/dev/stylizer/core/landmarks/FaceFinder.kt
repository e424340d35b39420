package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture
import dev.stylizer.core.geometry.resized
import kotlin.math.roundToInt

/**
 * Finds the faces of still pictures, largest first, by the short-range detector: small faces beside large ones may be
 * missed, which `stylizer stylize` finds by its full-range one. On one thread.
 */
class FaceFinder(private val boxes: FaceBoxes, private val network: MeshNetwork, private val most: Int = 20) {
    fun find(picture: Picture): List<Mesh> {
        val longer = maxOf(picture.width, picture.height)
        val scale = minOf(1.0, SEARCHED_SIDE_PX / longer)
        // the detector looks at 128 pixels: of a large photo it would see one pixel in thirty
        val small = resized(
            picture, maxOf(1, (picture.width * scale).roundToInt()), maxOf(1, (picture.height * scale).roundToInt()))
        var found = boxes.find(small)
        if (found.size == 0) found = findCloser(boxes, small)
        for (n in 0 until found.size) found[n].enlarge(1 / scale)
        return fitted(picture, found).sortedByDescending { it.size }.take(most)
    }

    private fun fitted(picture: Picture, candidates: FaceBoxList): List<Mesh> {
        val meshes = ArrayList<Mesh>()
        val region = Region()
        for (n in 0 until candidates.size) {
            val mesh = Mesh()
            if (network.fit(picture, region.around(candidates[n]), mesh) < LEAST_SCORE) continue
            if (meshes.none { it.overlap(mesh) > 0.2 }) meshes += mesh
        }
        return meshes
    }

    private companion object {
        const val LEAST_SCORE = 0.5
        const val SEARCHED_SIDE_PX = 1024.0
    }
}

/** Boxes in [picture] with a wide border, for faces that fill it; if there are none, in its quarters. */
internal fun findCloser(boxes: FaceBoxes, picture: Picture): FaceBoxList {
    val width = picture.width.toDouble()
    val height = picture.height.toDouble()
    for ((x, y, share) in WINDOWS) {
        boxes.find(picture, x * width, y * height, (x + share) * width, (y + share) * height)
        if (boxes.found.size > 0) break
    }
    return boxes.found
}

/** left, top and side, in sizes of the picture. */
private val WINDOWS = arrayOf(
    doubleArrayOf(-0.5, -0.5, 2.0), doubleArrayOf(0.0, 0.0, 0.6), doubleArrayOf(0.4, 0.0, 0.6),
    doubleArrayOf(0.0, 0.4, 0.6), doubleArrayOf(0.4, 0.4, 0.6))
