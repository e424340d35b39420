package dev.stylizer.demo

import android.graphics.ImageFormat
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.StreamConfigurationMap
import android.util.Range

/**
 * What is known of a camera before it is opened, and how it will be used.
 *
 * @param sensorDegrees clockwise, what makes a frame upright on the display in its natural orientation
 * @param photoSize null: it takes no JPEGs
 * @param speed range of frames a second; null: as the camera likes
 * @param focus a mode of `CONTROL_AF_MODE`; null: it cannot focus by itself
 */
class CameraTraits(
    val id: String, val facing: Facing, private val sensorDegrees: Int, val frameSize: PixelSize,
    val photoSize: PixelSize?, private val speed: Range<Int>?, private val focus: Int?,
) {
    /** Degrees clockwise that make a frame upright on a display that is turned by [displayDegrees]. */
    fun rotation(displayDegrees: Int): Int = CameraPlan.rotation(sensorDegrees, displayDegrees, facing)

    /** Sets what frames and photos have in common. */
    fun configure(request: CaptureRequest.Builder) {
        speed?.let { request.set(CaptureRequest.CONTROL_AE_TARGET_FPS_RANGE, it) }
        focus?.let { request.set(CaptureRequest.CONTROL_AF_MODE, it) }
    }

    companion object {
        /** Those that give frames, for a drawing of [side] pixels. Throws CameraAccessException. Blocks for a while. */
        fun all(manager: CameraManager, side: Int): List<CameraTraits> =
            manager.cameraIdList.mapNotNull { of(it, manager.getCameraCharacteristics(it), side) }

        private fun of(id: String, has: CameraCharacteristics, side: Int): CameraTraits? {
            val streams = has.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP) ?: return null
            val frameSize = CameraPlan.frameSize(sizes(streams, ImageFormat.YUV_420_888), side) ?: return null
            val front = has.get(CameraCharacteristics.LENS_FACING) == CameraCharacteristics.LENS_FACING_FRONT
            val speeds = has.get(CameraCharacteristics.CONTROL_AE_AVAILABLE_TARGET_FPS_RANGES).orEmpty()
            val focuses = has.get(CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES) ?: IntArray(0)
            return CameraTraits(
                id, if (front) Facing.FRONT else Facing.BACK,
                has.get(CameraCharacteristics.SENSOR_ORIENTATION) ?: 0, frameSize,
                CameraPlan.photoSize(sizes(streams, ImageFormat.JPEG)),
                CameraPlan.speed(speeds.map { it.lower..it.upper })?.let { speeds[it] },
                CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE.takeIf { it in focuses })
        }

        private fun sizes(streams: StreamConfigurationMap, format: Int): List<PixelSize> =
            streams.getOutputSizes(format).orEmpty().map { PixelSize(it.width, it.height) }
    }
}
