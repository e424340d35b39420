package dev.stylizer.demo

import android.content.Context
import android.media.Image
import android.os.Handler
import android.os.HandlerThread
import dev.stylizer.core.LivePipeline
import dev.stylizer.core.ModelStore
import dev.stylizer.core.Picture
import dev.stylizer.core.Report
import dev.stylizer.core.RunnerFactory
import dev.stylizer.core.Settings
import dev.stylizer.core.YuvImage

/**
 * The live drawing: opens and closes camera and pipeline on a thread of its own, one after the other, so that whoever
 * asks need not wait. To be called on the UI thread.
 *
 * @param frames where drawings go
 * @param emit takes changes of the screen's state, from any thread
 * @param onPhoto takes photos on the camera's thread
 */
class LiveDrawing(
    private val context: Context, private val models: ModelStore, private val runners: RunnerFactory,
    private val frames: FrameExchange, private val emit: (Change) -> Unit, private val onPhoto: (Photo) -> Unit,
) : AutoCloseable {
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)

    // UI thread
    private var facing: Facing? = null
    private var settings: Settings? = null

    // camera's thread
    private var pipeline: LivePipeline? = null
    private var camera: CameraFeed? = null

    /** Degrees counter-clockwise by which the display is turned: 0, 90, 180 or 270. */
    @Volatile var displayDegrees = 0

    /** Draws what the camera at [facing] sees from now on; null: closes camera and pipeline. */
    fun show(facing: Facing?, settings: Settings) {
        if (settings != this.settings) {
            this.settings = settings
            handler.post { pipeline?.settings = settings }
        }
        if (facing == this.facing) return
        this.facing = facing
        handler.post {
            camera?.close()
            camera = null
            if (facing == null) {
                pipeline?.close()
                pipeline = null
            } else {
                pipeline?.takeIf { it.hasEnded }?.close()
                val current = pipeline?.takeUnless { it.hasEnded } ?: LivePipeline(models, runners, Drawings(), settings, SIDE)
                current.settings = settings
                pipeline = current
                camera = CameraFeed(context, facing, SIDE, handler, Frames(current))
            }
        }
    }

    /** Takes a photo, which goes to [onPhoto]. */
    fun takePhoto() {
        handler.post {
            camera?.takePhoto(displayDegrees) ?: say { it.warned(Notice.PHOTO_FAILED) }
        }
    }

    override fun close() {
        settings?.let { show(null, it) }
        handler.post { thread.quitSafely() }
    }

    /** A change that counts only while the live drawing is on. */
    private fun say(change: Change) = emit { if (facing == null) it else change(it) }

    /** From the drawing thread to the screen. */
    private inner class Drawings : LivePipeline.Listener {
        private var reported: Report? = null

        override fun onFrame(drawn: Picture, report: Report) {
            frames.publish(drawn)
            if (report === reported) return // the pipeline makes a new one a few times a second
            reported = report
            say { it.reported(report) }
        }

        // as often as there are frames: what is there to be read already stays
        override fun onError(message: String) =
            say { if (it.message == null) it.warned(Notice.DRAWING_FAILED, message) else it }
    }

    /** From the camera to the pipeline. */
    private inner class Frames(private val pipeline: LivePipeline) : CameraFeed.Listener {
        private val yuv = YuvImage()
        private var image: Image? = null
        private var rotation = 0
        private var mirrored = false
        private val fill: (Picture) -> Unit = { picture ->
            image?.let {
                read(it)
                yuv.toSquare(picture, rotation, mirrored)
            }
        }

        override fun onFound(facings: Set<Facing>) = say { it.camerasFound(facings) }

        override fun onImage(image: Image, camera: CameraTraits, first: Boolean) {
            if (first) say { it.streaming() }
            this.image = image
            rotation = camera.rotation(displayDegrees)
            mirrored = camera.facing == Facing.FRONT
            try {
                pipeline.offer(image.timestamp * 1e-9, fill)
            } catch (e: RuntimeException) { // a frame that is laid out as no camera should
                say { it.warned(Notice.DRAWING_FAILED, e.toString()) }
            } finally {
                this.image = null
            }
        }

        override fun onPhoto(jpeg: ByteArray, camera: CameraTraits) =
            this@LiveDrawing.onPhoto(Photo.Taken(jpeg, camera.facing == Facing.FRONT))

        override fun onPhotoFailed() = say { it.warned(Notice.PHOTO_FAILED) }

        override fun onTrouble(trouble: CameraTrouble) = say { it.troubled(trouble) }

        private fun read(image: Image) {
            val (y, u, v) = image.planes // like the image, made anew by Android for every frame
            yuv.set(
                image.width, image.height, y.buffer, u.buffer, v.buffer, y.rowStride, u.rowStride, u.pixelStride)
        }
    }

    private companion object {
        const val SIDE = 512
    }
}
