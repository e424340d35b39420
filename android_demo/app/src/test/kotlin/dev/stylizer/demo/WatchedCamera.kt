package dev.stylizer.demo

import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.impl.CameraDeviceImpl
import android.os.Handler
import android.view.Surface
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadows.ShadowCameraDeviceImpl

/** Robolectric's camera, counted. */
@Implements(value = CameraDeviceImpl::class, isInAndroidSdk = false)
class WatchedCamera : ShadowCameraDeviceImpl() {
    @RealObject private lateinit var device: CameraDevice
    private var isOpen = false

    @Implementation
    override fun createCaptureSession(
        outputs: List<Surface>, callback: CameraCaptureSession.StateCallback, handler: Handler?,
    ) {
        isOpen = true
        opened++
        open++
        last = device.id
        super.createCaptureSession(outputs, callback, handler)
    }

    @Implementation
    override fun close() {
        if (isOpen) open--
        isOpen = false
        super.close()
    }

    companion object {
        /** That stream now. */
        @Volatile var open = 0
            private set

        /** That ever began to. */
        @Volatile var opened = 0
            private set

        /** Which one began last. */
        @Volatile var last = ""
            private set

        fun forget() {
            open = 0
            opened = 0
            last = ""
        }
    }
}
