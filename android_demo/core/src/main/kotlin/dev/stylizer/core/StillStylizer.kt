package dev.stylizer.core

import dev.stylizer.core.drawing.Canvas
import dev.stylizer.core.drawing.StyleLoader
import dev.stylizer.core.geometry.Bend
import dev.stylizer.core.geometry.FaceFrame
import dev.stylizer.core.landmarks.FaceBoxes
import dev.stylizer.core.landmarks.FaceFinder
import dev.stylizer.core.landmarks.MeshNetwork

/** Draws photos of any size at full quality, as `stylizer stylize` draws them. For one thread, which also closes it. */
class StillStylizer(models: ModelStore, runners: RunnerFactory) : AutoCloseable {
    private val boxes = FaceBoxes(runners.open(models.faceBoxes(), Accelerator.CPU, 2))
    private val mesh = try {
        MeshNetwork(runners.open(models.faceMesh(), Accelerator.CPU, 2))
    } catch (e: Throwable) {
        boxes.close()
        throw e
    }
    private val finder = FaceFinder(boxes, mesh)
    private val loader = StyleLoader(models, runners)

    /** A new picture of the same size; [picture] stays as it is. [progress] runs from 0 to 1. */
    fun draw(picture: Picture, settings: Settings, progress: (Float) -> Unit = {}): Picture = try {
        attempt(picture, settings, progress)
    } catch (e: Exception) {
        if (!loader.fallBack(e)) throw e
        attempt(picture, settings, progress)
    }

    private fun attempt(picture: Picture, settings: Settings, progress: (Float) -> Unit): Picture {
        val network = loader.network(settings.style)
        val canvas = Canvas(network)
        val points = finder.find(picture).map { face -> DoubleArray(136).also { face.controlPoints(it) } }
        val photo = if (settings.exaggeration == 0f || points.isEmpty()) picture else {
            Picture(picture.width, picture.height).also { bent ->
                picture.copyInto(bent)
                val bend = Bend(cubic = true)
                points.forEach { bend.apply(bent, it, network.file.offset, settings.exaggeration) }
            }
        }
        val frames = points.map { FaceFrame.of(it, network.side) }
        val scale = canvas.scaleFor(frames.firstOrNull(), picture.width, picture.height)
        val drawn = canvas.draw(photo, scale) { progress(0.9f * it) }
        for ((n, frame) in frames.asReversed().withIndex()) { // the largest on top
            progress(0.9f + 0.1f * n / frames.size)
            val share = FaceFrame.ownShare(frame, scale)
            if (share > 0) canvas.drawFrame(photo, frame, share, drawn)
        }
        blend(photo, drawn, settings.strength)
        progress(1f)
        return drawn
    }

    override fun close() {
        loader.close()
        mesh.close()
        boxes.close()
    }
}
