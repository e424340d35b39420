package dev.stylizer.demo

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureFailure
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.view.Surface

/**
 * One camera's frames and photos, from its opening until [close]. A camera that is lost meanwhile is opened again when
 * the system says that it is free. Made, used and closed on the thread of [handler], where [listener] is called, too.
 *
 * @param wanted the camera that is preferred; a phone may have but another
 * @param side of the square that is cut from frames, pixels
 */
class CameraFeed(
    context: Context, private val wanted: Facing, private val side: Int, private val handler: Handler,
    private val listener: Listener,
) : AutoCloseable {
    /** Not called any more after [close]. */
    interface Listener {
        /** The cameras that there are. */
        fun onFound(facings: Set<Facing>)

        /** The newest frame; [image] is closed when this returns. [first]: of this camera, since it was opened. */
        fun onImage(image: Image, camera: CameraTraits, first: Boolean)

        fun onPhoto(jpeg: ByteArray, camera: CameraTraits)

        fun onPhotoFailed()

        fun onTrouble(trouble: CameraTrouble)
    }

    private val manager = context.getSystemService(CameraManager::class.java)
    private val reopen = Runnable { open() }
    private var traits: CameraTraits? = null
    private var device: CameraDevice? = null
    private var session: CameraCaptureSession? = null
    private var frames: ImageReader? = null
    private var photos: ImageReader? = null
    private var opening = false
    private var closed = false
    private var streaming = false
    private var attempts = 0

    private val availability = object : CameraManager.AvailabilityCallback() {
        override fun onCameraAvailable(cameraId: String) {
            if (closed || opening || device != null || attempts >= MOST_ATTEMPTS) return
            if (traits == null || cameraId == traits?.id) {
                handler.removeCallbacks(reopen)
                handler.postDelayed(reopen, PAUSE_MS)
            }
        }
    }

    init {
        open()
        manager.registerAvailabilityCallback(availability, handler)
    }

    /** Takes a photo, upright on a display that is turned by [displayDegrees]; its EXIF data may say so. */
    fun takePhoto(displayDegrees: Int) {
        val session = session
        val photos = photos
        val camera = traits
        if (session == null || photos == null || camera == null) return listener.onPhotoFailed()
        guarded({ listener.onPhotoFailed() }) {
            val request = session.device.createCaptureRequest(CameraDevice.TEMPLATE_STILL_CAPTURE)
            camera.configure(request)
            request.addTarget(photos.surface)
            request.set(CaptureRequest.JPEG_ORIENTATION, camera.rotation(displayDegrees))
            request.set(CaptureRequest.JPEG_QUALITY, JPEG_QUALITY)
            session.capture(request.build(), PhotoCallback(), handler)
        }
    }

    override fun close() {
        closed = true
        handler.removeCallbacks(reopen)
        manager.unregisterAvailabilityCallback(availability)
        release()
    }

    @SuppressLint("MissingPermission") // without it a SecurityException, which is a problem like any other
    private fun open() {
        if (closed || opening || device != null) return
        attempts++
        guarded(::lose) {
            val found = CameraTraits.all(manager, side)
            listener.onFound(found.map { it.facing }.toSet())
            val camera = found.firstOrNull { it.facing == wanted } ?: found.firstOrNull()
            traits = camera
            if (camera == null) {
                listener.onTrouble(CameraTrouble.NONE_FOUND)
            } else {
                opening = true
                manager.openCamera(camera.id, DeviceCallback(camera), handler)
            }
        }
    }

    private inner class DeviceCallback(private val camera: CameraTraits) : CameraDevice.StateCallback() {
        override fun onOpened(opened: CameraDevice) {
            opening = false
            if (closed) return opened.close()
            device = opened
            guarded(::lose) { startSession(opened, camera) }
        }

        override fun onDisconnected(lost: CameraDevice) = failed(lost, CameraTrouble.LOST)

        override fun onError(lost: CameraDevice, error: Int) = failed(
            lost, when (error) {
                ERROR_CAMERA_IN_USE, ERROR_MAX_CAMERAS_IN_USE -> CameraTrouble.IN_USE
                ERROR_CAMERA_DISABLED -> CameraTrouble.DISABLED
                else -> CameraTrouble.FAILED
            })

        private fun failed(lost: CameraDevice, trouble: CameraTrouble) {
            lost.close()
            if (opening || lost === device) lose(trouble) // else it was given up before
        }
    }

    // The newer call takes a SessionConfiguration, which Android 8 does not know.
    @Suppress("DEPRECATION")
    private fun startSession(opened: CameraDevice, camera: CameraTraits) {
        val frames = ImageReader.newInstance(
            camera.frameSize.width, camera.frameSize.height, ImageFormat.YUV_420_888, FRAME_BUFFERS)
        this.frames = frames
        frames.setOnImageAvailableListener({ onFrame(it, camera) }, handler)
        val photos = camera.photoSize?.let {
            ImageReader.newInstance(it.width, it.height, ImageFormat.JPEG, PHOTO_BUFFERS)
        }
        this.photos = photos
        photos?.setOnImageAvailableListener({ onPhoto(it, camera) }, handler)
        streaming = false
        opened.createCaptureSession(
            listOfNotNull(frames.surface, photos?.surface), SessionCallback(opened, camera, frames.surface), handler)
    }

    private inner class SessionCallback(
        private val opened: CameraDevice, private val camera: CameraTraits, private val target: Surface,
    ) : CameraCaptureSession.StateCallback() {
        override fun onConfigured(configured: CameraCaptureSession) {
            if (opened !== device) return
            session = configured
            guarded(::lose) {
                val request = opened.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                camera.configure(request)
                request.addTarget(target)
                configured.setRepeatingRequest(request.build(), null, handler)
            }
        }

        override fun onConfigureFailed(failed: CameraCaptureSession) {
            if (opened === device) lose(CameraTrouble.FAILED)
        }
    }

    private inner class PhotoCallback : CameraCaptureSession.CaptureCallback() {
        override fun onCaptureFailed(from: CameraCaptureSession, request: CaptureRequest, failure: CaptureFailure) {
            if (from === session) listener.onPhotoFailed()
        }

        override fun onCaptureBufferLost(
            from: CameraCaptureSession, request: CaptureRequest, target: Surface, frameNumber: Long,
        ) {
            if (from === session) listener.onPhotoFailed()
        }
    }

    private fun onFrame(reader: ImageReader, camera: CameraTraits) {
        if (reader !== frames) return
        val image = reader.acquireLatestImage() ?: return
        try {
            listener.onImage(image, camera, first = !streaming)
            streaming = true
            attempts = 0
        } finally {
            image.close()
        }
    }

    private fun onPhoto(reader: ImageReader, camera: CameraTraits) {
        if (reader !== photos) return
        val image = reader.acquireNextImage() ?: return
        val jpeg = try {
            val buffer = image.planes[0].buffer
            ByteArray(buffer.remaining()).also { buffer.get(it) }
        } finally {
            image.close()
        }
        listener.onPhoto(jpeg, camera)
    }

    /** The camera is gone for now; [availability] or a new feed brings it back. */
    private fun lose(trouble: CameraTrouble) {
        opening = false
        release()
        if (!closed) listener.onTrouble(trouble)
    }

    private fun release() {
        session?.close()
        session = null
        device?.close()
        device = null
        frames?.close()
        frames = null
        photos?.close()
        photos = null
    }

    /** Does what the camera may refuse; [failed] gets the reason. */
    private inline fun guarded(failed: (CameraTrouble) -> Unit, work: () -> Unit) {
        try {
            work()
        } catch (e: CameraAccessException) {
            failed(
                when (e.reason) {
                    CameraAccessException.CAMERA_IN_USE, CameraAccessException.MAX_CAMERAS_IN_USE ->
                        CameraTrouble.IN_USE
                    CameraAccessException.CAMERA_DISABLED -> CameraTrouble.DISABLED
                    CameraAccessException.CAMERA_DISCONNECTED -> CameraTrouble.LOST
                    else -> CameraTrouble.FAILED
                })
        } catch (e: RuntimeException) { // closed meanwhile, not allowed, or a combination that the camera refuses
            failed(CameraTrouble.FAILED)
        }
    }

    private companion object {
        const val FRAME_BUFFERS = 3 // one read, one newest, one being filled
        const val PHOTO_BUFFERS = 2
        const val JPEG_QUALITY: Byte = 95
        const val PAUSE_MS = 500L
        const val MOST_ATTEMPTS = 5
    }
}
