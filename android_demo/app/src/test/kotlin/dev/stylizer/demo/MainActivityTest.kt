@file:Suppress("DEPRECATION") // old phones' ways, and Robolectric's to watch a content provider

package dev.stylizer.demo

import android.Manifest
import android.app.Application
import android.content.ComponentCallbacks2
import android.content.Intent
import android.graphics.Color
import android.graphics.ImageFormat
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.net.Uri
import android.os.Bundle
import android.os.Looper
import android.provider.MediaStore
import android.provider.Settings
import android.util.Size
import android.view.MotionEvent
import android.view.View
import android.widget.SeekBar
import android.widget.TextView
import dev.stylizer.core.Picture
import org.junit.After
import org.junit.Before
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.StreamConfigurationMapBuilder
import java.io.IOException
import java.io.OutputStream

/** The whole app but for frames and networks, which Robolectric's cameras and a desktop do not have. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w411dp-h891dp-xhdpi", shadows = [WatchedCamera::class])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class MainActivityTest {
    private val application: Application = RuntimeEnvironment.getApplication()
    private var controller: ActivityController<MainActivity>? = null

    private val activity get() = controller!!.get()

    private fun launch(saved: Bundle? = null) {
        controller = Robolectric.buildActivity(MainActivity::class.java)
            .apply { if (saved == null) setup() else setup(saved) }
        settle()
    }

    @Before
    fun forget() = WatchedCamera.forget()

    @After
    fun close() {
        controller?.close()
    }

    private fun settle() = shadowOf(Looper.getMainLooper()).idle()

    private fun <T : View> view(id: Int): T = activity.findViewById(id)

    private fun text(id: Int) = view<TextView>(id).text.toString()

    private fun isShown(id: Int) = view<View>(id).isShown

    private fun click(id: Int) {
        assertTrue(view<View>(id).let { it.isShown && it.isEnabled && it.performClick() })
        settle()
    }

    private fun awaitMessage(start: String) =
        await({ "said '$start' but '${text(R.id.message)}'" }) { text(R.id.message).startsWith(start) }

    private fun grant() = shadowOf(application).grantPermissions(Manifest.permission.CAMERA)

    private fun addCameras(vararg facings: Int) = facings.forEachIndexed { n, facing ->
        val characteristics = ShadowCameraCharacteristics.newCameraCharacteristics()
        val streams = StreamConfigurationMapBuilder.newBuilder()
            .addOutputSize(ImageFormat.YUV_420_888, Size(640, 480))
        for ((key, value) in mapOf(
            CameraCharacteristics.LENS_FACING to facing, CameraCharacteristics.SENSOR_ORIENTATION to 90,
            CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP to streams.build())) {
            shadowOf(characteristics).set(key, value)
        }
        shadowOf(application.getSystemService(CameraManager::class.java)).addCamera("$n", characteristics)
    }

    private fun answer(granted: Boolean, mayAskAgain: Boolean = false) {
        val request = shadowOf(activity).lastRequestedPermission
        shadowOf(application.packageManager)
            .setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, mayAskAgain)
        activity.onRequestPermissionsResult(
            request.requestCode, request.requestedPermissions, intArrayOf(if (granted) 0 else -1))
        settle()
    }

    // Permission

    @Test
    fun theCameraIsAskedForAtFirst() {
        launch()
        val request = shadowOf(activity).lastRequestedPermission
        assertEquals(listOf(Manifest.permission.CAMERA), request.requestedPermissions.toList())
        answer(granted = false, mayAskAgain = true)
        assertEquals(activity.getString(R.string.permission_denied), text(R.id.message))
        click(R.id.remedy)
        assertTrue(shadowOf(activity).lastRequestedPermission !== request)
    }

    @Test
    fun aBlockedCameraLeadsToTheSettings() {
        launch()
        answer(granted = false, mayAskAgain = false)
        assertEquals(activity.getString(R.string.permission_blocked), text(R.id.message))
        click(R.id.remedy)
        val settings = shadowOf(activity).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, settings.action)
        assertEquals("package:dev.stylizer.demo", settings.dataString)
        controller!!.pause()
        grant()
        addCameras(CameraCharacteristics.LENS_FACING_FRONT)
        controller!!.resume()
        settle()
        await("open") { WatchedCamera.open == 1 }
    }

    @Test
    fun aDeniedCameraIsNotAskedForAgainByItself() {
        launch()
        answer(granted = false, mayAskAgain = true)
        val request = shadowOf(activity).lastRequestedPermission
        controller!!.pause().resume()
        settle()
        assertTrue(shadowOf(activity).lastRequestedPermission === request)
        assertTrue(isShown(R.id.message_panel))
    }

    // Camera

    @Test
    fun theCameraIsOpenWhileTheAppIsInFront() {
        grant()
        addCameras(CameraCharacteristics.LENS_FACING_FRONT, CameraCharacteristics.LENS_FACING_BACK)
        launch()
        await("open") { WatchedCamera.open == 1 }
        await("switchable") { isShown(R.id.switch_camera) }
        controller!!.pause()
        await("closed") { WatchedCamera.open == 0 }
        controller!!.resume()
        await("open again") { WatchedCamera.open == 1 }
        controller!!.pause().stop().destroy()
        await("closed for good") { WatchedCamera.open == 0 }
        controller = null
        assertEquals(2, WatchedCamera.opened)
    }

    @Test
    fun switchingClosesOneCameraAndOpensTheOther() {
        grant()
        addCameras(CameraCharacteristics.LENS_FACING_FRONT, CameraCharacteristics.LENS_FACING_BACK)
        launch()
        await("switchable") { WatchedCamera.open == 1 && isShown(R.id.switch_camera) }
        click(R.id.switch_camera)
        await("switched") { WatchedCamera.opened == 2 && WatchedCamera.open == 1 }
        assertEquals("1", WatchedCamera.last)
    }

    @Test
    fun withoutACameraPicturesCanBeChosen() {
        grant()
        launchWithoutRuntime()
        awaitMessage(activity.getString(R.string.no_camera))
        assertTrue(isShown(R.id.message_panel))
        assertFalse(isShown(R.id.remedy) || isShown(R.id.switch_camera) || view<View>(R.id.take_photo).isEnabled)
        assertTrue(view<View>(R.id.choose_picture).isEnabled)
    }

    @Test
    fun aLostCameraIsSaid() {
        grant()
        addCameras(CameraCharacteristics.LENS_FACING_FRONT)
        launchWithoutRuntime()
        await("open") { WatchedCamera.open == 1 }
        shadowOf(application.getSystemService(CameraManager::class.java)).triggerDisconnect()
        awaitMessage(activity.getString(R.string.camera_lost))
        assertTrue(isShown(R.id.message_panel))
        assertEquals(0, WatchedCamera.open)
    }

    @Test
    fun aRuntimeThatCannotBeLoadedIsSaid() {
        grant()
        addCameras(CameraCharacteristics.LENS_FACING_FRONT)
        launchWithoutRuntime()
        assertFalse(isShown(R.id.message_panel))
    }

    /** Both threads of the pipeline say what a desktop lacks. */
    private fun launchWithoutRuntime() {
        launch()
        awaitMessage("The drawing failed: no native library for this phone")
        click(R.id.remedy)
    }

    // State

    private fun touch(bar: SeekBar, to: Float) {
        val x = bar.paddingLeft + to * (bar.width - bar.paddingLeft - bar.paddingRight)
        for (action in listOf(MotionEvent.ACTION_DOWN, MotionEvent.ACTION_UP)) {
            bar.dispatchTouchEvent(MotionEvent.obtain(0, 0, action, x, bar.height / 2f, 0))
        }
        settle()
    }

    @Test
    fun turningThePhoneKeepsEverything() {
        launch()
        touch(view(R.id.strength), 0.25f)
        answer(granted = false, mayAskAgain = true)
        val before = activity
        RuntimeEnvironment.setQualifiers("w914dp-h387dp-land-xhdpi")
        controller!!.recreate()
        settle()
        assertTrue(activity !== before)
        assertEquals(25, view<SeekBar>(R.id.strength).progress)
        assertEquals("Strength: 25 %", text(R.id.strength_label))
        assertEquals(activity.getString(R.string.permission_denied), text(R.id.message))
        assertTrue(view<View>(R.id.drawing).height > view<View>(R.id.drawing).width / 2)
    }

    @Test
    fun aNewProcessGoesOnWhereTheOldOneWas() {
        launch()
        touch(view(R.id.strength), 0.25f)
        answer(granted = false, mayAskAgain = false)
        val saved = Bundle()
        controller!!.pause().stop().saveInstanceState(saved).destroy()
        launch(saved)
        assertEquals(25, view<SeekBar>(R.id.strength).progress)
        assertEquals(activity.getString(R.string.permission_blocked), text(R.id.message))
    }

    // Still pictures

    private fun launchWithResult(): String {
        val file = DrawingStore(application).write(
            Picture(64, 64, IntArray(64 * 64) { Color.BLUE }).toBitmap(), "sketch")
        val state = ScreenState.first(listOf("sketch")).working().finished(file)
        launch(Bundle().also { state.writeTo(it) })
        await("loaded") { view<DrawingView>(R.id.drawing).still != null }
        return file
    }

    private fun middle(): Int {
        settle()
        val drawing = view<View>(R.id.drawing)
        return Look(activity.window.decorView).bitmap.getPixel(drawing.width / 2, drawing.height / 2)
    }

    @Test
    fun aFinishedDrawingIsThereAgainInANewProcess() {
        launchWithResult()
        assertEquals(0f, Math.abs(Color.blue(middle()) - 255f), 4f)
        assertTrue(isShown(R.id.result_controls))
        assertFalse(isShown(R.id.live_controls))
        assertNull(shadowOf(activity).lastRequestedPermission)
    }

    @Test
    fun backFromTheResultIsTheLiveDrawing() {
        launchWithResult()
        click(R.id.back)
        assertTrue(isShown(R.id.live_controls))
        assertNotNull(shadowOf(activity).lastRequestedPermission)
        assertFalse(activity.isFinishing)
    }

    @Test
    fun theSystemsBackIsTheLiveDrawingAndThenTheEnd() {
        launchWithResult()
        activity.onBackPressed()
        settle()
        assertTrue(isShown(R.id.live_controls))
        assertFalse(activity.isFinishing)
        activity.onBackPressed()
        assertTrue(activity.isFinishing)
    }

    @Test
    fun aDrawingThatIsGoneIsSaid() {
        val state = ScreenState.first(listOf("sketch")).working().finished("gone.jpg")
        launch(Bundle().also { state.writeTo(it) })
        awaitMessage(activity.getString(R.string.drawing_gone))
        assertTrue(isShown(R.id.live_controls))
    }

    @Test
    fun aDrawingIsSavedInTheGalleryOnce() {
        val file = launchWithResult()
        click(R.id.save)
        await("saved") { text(R.id.save) == "Saved" }
        val inserted = shadowOf(application.contentResolver).insertStatements.single()
        assertEquals(file, inserted.contentValues.getAsString(MediaStore.MediaColumns.DISPLAY_NAME))
        assertEquals("Pictures/Stylizer", inserted.contentValues.getAsString(MediaStore.MediaColumns.RELATIVE_PATH))
        val updated = shadowOf(application.contentResolver).updateStatements.single()
        assertEquals(0, updated.contentValues.getAsInteger(MediaStore.MediaColumns.IS_PENDING))
        assertFalse(view<View>(R.id.save).isEnabled)
        click(R.id.share)
        assertEquals(1, shadowOf(application.contentResolver).insertStatements.size)
        assertEquals(Intent.ACTION_CHOOSER, shadowOf(activity).nextStartedActivity.action)
    }

    @Test
    fun sharingSavesFirst() {
        launchWithResult()
        click(R.id.share)
        await("saved") { text(R.id.save) == "Saved" }
        settle()
        val chooser = shadowOf(activity).nextStartedActivity
        val shared = chooser.getParcelableExtra<Intent>(Intent.EXTRA_INTENT)!!
        assertEquals("image/jpeg", shared.type)
        assertEquals("media", shared.getParcelableExtra<Uri>(Intent.EXTRA_STREAM)!!.authority)
        assertTrue(shared.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        assertNull(shadowOf(activity).nextStartedActivity)
    }

    @Test
    fun aDrawingThatCannotBeSavedIsSaidAndLeavesNothing() {
        launchWithResult()
        val resolver = shadowOf(application.contentResolver)
        val images = MediaStore.Images.Media.getContentUri(MediaStore.VOLUME_EXTERNAL_PRIMARY)
        resolver.setNextDatabaseIdForInserts(7)
        for (id in 7..8) resolver.registerOutputStream(Uri.withAppendedPath(images, "$id"), object : OutputStream() {
            override fun write(byte: Int) = throw IOException("full")
        })
        click(R.id.save)
        awaitMessage(activity.getString(R.string.save_failed))
        assertEquals(1, resolver.deletedUris.size)
        click(R.id.remedy)
        assertTrue(view<View>(R.id.save).isEnabled)
    }

    private fun choose(picture: ByteArray) {
        val uri = Uri.parse("content://gallery/1")
        shadowOf(application.contentResolver).registerInputStreamSupplier(uri) { picture.inputStream() }
        click(R.id.choose_picture)
        val asked = shadowOf(activity).peekNextStartedActivityForResult()
        assertEquals(MediaStore.ACTION_PICK_IMAGES, asked.intent.action)
        shadowOf(activity).receiveResult(asked.intent, -1, Intent().setData(uri))
    }

    @Test
    fun aPictureThatCannotBeReadIsSaid() {
        launch()
        answer(granted = false, mayAskAgain = true)
        choose("no picture".toByteArray())
        assertTrue(isShown(R.id.working_panel))
        awaitMessage(activity.getString(R.string.picture_unreadable))
        assertFalse(isShown(R.id.working_panel))
        assertTrue(isShown(R.id.live_controls))
    }

    @Test
    fun aChosenPictureIsReadAndGoesToTheRuntime() {
        launch()
        answer(granted = false, mayAskAgain = true)
        choose(Drawings.file(0).readBytes())
        awaitMessage("The drawing failed: no native library for this phone")
        assertFalse(isShown(R.id.working_panel))
    }

    @Test
    fun aCancelledPictureIsForgotten() {
        launch()
        answer(granted = false, mayAskAgain = true)
        choose("no picture".toByteArray())
        click(R.id.cancel)
        Thread.sleep(200)
        settle()
        assertEquals(activity.getString(R.string.permission_denied), text(R.id.message))
    }

    @Test
    fun memoryIsFreedInTheBackgroundAndTheDrawingComesBack() {
        launchWithResult()
        controller!!.pause().stop()
        activity.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_BACKGROUND)
        assertNull(view<DrawingView>(R.id.drawing).still)
        controller!!.start().resume()
        await("loaded again") { view<DrawingView>(R.id.drawing).still != null }
        assertTrue(isShown(R.id.result_controls))
    }
}
