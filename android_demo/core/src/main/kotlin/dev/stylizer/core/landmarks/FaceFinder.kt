package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture

/** Finds the faces of still pictures, largest first. On one thread. */
class FaceFinder(private val boxes: FaceBoxes, private val network: MeshNetwork, private val most: Int = 20) {
    fun find(picture: Picture): List<Mesh> {
        val found = fitted(picture, boxes.find(picture))
        return found.ifEmpty { fitted(picture, findCloser(boxes, picture)) }
            .sortedByDescending { it.size }.take(most)
    }

    private fun fitted(picture: Picture, candidates: List<FaceBox>): List<Mesh> {
        val meshes = ArrayList<Mesh>()
        for (box in candidates) {
            val mesh = Mesh()
            if (network.fit(picture, Region.around(box), mesh) < LEAST_SCORE) continue
            if (meshes.none { it.overlap(mesh) > 0.2 }) meshes += mesh
        }
        return meshes
    }

    private companion object {
        const val LEAST_SCORE = 0.5
    }
}

/** Boxes in [picture] with a wide border, for faces that fill it; if there are none, in its quarters. */
internal fun findCloser(boxes: FaceBoxes, picture: Picture): List<FaceBox> {
    val width = picture.width.toDouble()
    val height = picture.height.toDouble()
    for ((x, y, share) in WINDOWS) {
        val found = boxes.find(picture, x * width, y * height, (x + share) * width, (y + share) * height)
        if (found.isNotEmpty()) return found
    }
    return emptyList()
}

private val WINDOWS = listOf(
    Triple(-0.5, -0.5, 2.0), Triple(0.0, 0.0, 0.6), Triple(0.4, 0.0, 0.6), Triple(0.0, 0.4, 0.6), Triple(0.4, 0.4, 0.6))
