package dev.stylizer.demo

import android.Manifest
import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.ClipData
import android.content.ComponentCallbacks2
import android.content.Intent
import android.content.pm.PackageManager
import android.hardware.display.DisplayManager
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.provider.MediaStore
import android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS

/** The app's one screen: holds its state, shows it, and sees to it that camera and threads do what the state says. */
class MainActivity : Activity(), Screen.Actions {
    private class Kept(val state: ScreenState, val workshop: Workshop)

    private lateinit var workshop: Workshop
    private lateinit var screen: Screen
    private lateinit var state: ScreenState
    private var started = false
    private var resumed = false
    private var trimmed = false

    // Between the two landscapes the activity is not made anew.
    private val displays = object : DisplayManager.DisplayListener {
        override fun onDisplayChanged(displayId: Int) = turn()

        override fun onDisplayAdded(displayId: Int) = Unit

        override fun onDisplayRemoved(displayId: Int) = Unit
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val kept = lastNonConfigurationInstance as Kept?
        workshop = kept?.workshop ?: Workshop(applicationContext)
        state = kept?.state ?: readState(savedInstanceState, workshop.models.styles)
        setContentView(R.layout.activity_main)
        screen = Screen(window.decorView, workshop.models, workshop.frames, this)
        workshop.observer = ::update
        workshop.onPhoto = ::draw
        apply()
    }

    override fun onStart() {
        super.onStart()
        started = true
        trimmed = false
        apply()
    }

    override fun onResume() {
        super.onResume()
        resumed = true
        getSystemService(DisplayManager::class.java)
            .registerDisplayListener(displays, Handler(Looper.getMainLooper()))
        turn()
        val granted = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED
        update { it.returned(granted) }
        if (state.permission == Permission.UNASKED && state.mode == Mode.Live) ask()
    }

    override fun onPause() {
        resumed = false
        getSystemService(DisplayManager::class.java).unregisterDisplayListener(displays)
        update { it.left() }
        super.onPause()
    }

    override fun onStop() {
        started = false
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        state.writeTo(outState)
    }

    override fun onRetainNonConfigurationInstance(): Any = Kept(state, workshop)

    override fun onDestroy() {
        screen.close()
        workshop.observer = null
        workshop.onPhoto = null
        if (!isChangingConfigurations) workshop.close()
        super.onDestroy()
    }

    override fun onTrimMemory(level: Int) {
        super.onTrimMemory(level)
        if (level < ComponentCallbacks2.TRIM_MEMORY_RUNNING_CRITICAL) return
        workshop.trim()
        if (!started) {
            trimmed = true
            apply()
        }
    }

    private fun update(change: Change) {
        state = change(state)
        apply()
    }

    /** Makes everything as [state] says; may be called at any time. */
    private fun apply() {
        val result = state.mode as? Mode.Result
        workshop.live.show(if (resumed && state.watching) state.facing else null, state.settings)
        workshop.stills.show(if (trimmed) null else result?.file)
        screen.render(state, workshop.stills.shown)
        val saved = result?.saved
        if (resumed && saved != null && result.sharing) share(Uri.parse(saved))
    }

    @Suppress("DEPRECATION") // what came instead is of Android 11
    private fun turn() {
        workshop.live.displayDegrees = 90 * windowManager.defaultDisplay.rotation
    }

    // Permission

    private fun ask() {
        update { it.asking() }
        requestPermissions(arrayOf(Manifest.permission.CAMERA), ASK)
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<out String>, results: IntArray) {
        if (request != ASK) return
        val granted = results.firstOrNull() == PackageManager.PERMISSION_GRANTED
        val mayAskAgain = results.isEmpty() || shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)
        update { it.answered(granted, mayAskAgain) }
    }

    override fun onRemedy() {
        when (state.remedy) {
            Remedy.DISMISS -> update { it.dismissed() }
            Remedy.ASK_AGAIN -> ask()
            Remedy.OPEN_SETTINGS ->
                start(Intent(ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", packageName, null)))
            null -> Unit
        }
    }

    // Live

    override fun onStyle(style: String) = update { it.styled(style) }

    override fun onStrength(strength: Float) = update { it.strengthened(strength) }

    override fun onExaggeration(exaggeration: Float) = update { it.exaggerated(exaggeration) }

    override fun onOverlay() = update { it.overlayToggled() }

    override fun onSwitchCamera() = update { it.facingSwitched() }

    override fun onTakePhoto() {
        if (!state.canCapture) return
        update { it.capturing() }
        workshop.live.takePhoto()
    }

    // Still pictures

    override fun onChoosePicture() {
        if (!state.canChoose) return
        val photos = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU &&
            startedFor(Intent(MediaStore.ACTION_PICK_IMAGES).setType("image/*"), CHOOSE)
        val documents = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("image/*")
        if (!photos && !startedFor(documents, CHOOSE)) update { it.warned(Notice.NO_APP) }
    }

    private fun draw(photo: Photo) {
        if (photo is Photo.Taken && state.mode != Mode.Capturing) return // the app was left meanwhile
        update { it.working() }
        workshop.stills.draw(photo, state.settings)
    }

    override fun onSave() = save(sharing = false)

    override fun onShare() = save(sharing = true)

    private fun save(sharing: Boolean) {
        val result = state.mode as? Mode.Result ?: return
        if (result.saving) return
        if (sharing) update { it.wantingToShare() }
        if (result.saved != null) return
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            update { it.saving() }
            workshop.stills.save(result.file, null)
        } else {
            val document = Intent(Intent.ACTION_CREATE_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE)
                .setType(DrawingStore.MIME_TYPE).putExtra(Intent.EXTRA_TITLE, result.file)
            if (!startedFor(document, SAVE)) update { it.unsaved(Notice.NO_APP) }
        }
    }

    private fun share(uri: Uri) {
        state = state.shared() // first: starting an activity calls back
        val drawing = Intent(Intent.ACTION_SEND).setType(DrawingStore.MIME_TYPE).putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        drawing.clipData = ClipData.newRawUri("", uri) // what the grant goes by
        start(Intent.createChooser(drawing, getString(R.string.share_title)))
    }

    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        val uri = data?.data?.takeIf { result == RESULT_OK }
        when (request) {
            CHOOSE -> uri?.let { draw(Photo.Chosen(it)) }
            SAVE -> {
                val drawing = state.mode as? Mode.Result ?: return
                if (uri == null) return update { it.unsaved(null) }
                update { it.saving() }
                workshop.stills.save(drawing.file, uri)
            }
        }
    }

    override fun onReturn() {
        workshop.stills.cancel()
        update { it.live() }
        if (resumed && state.permission == Permission.UNASKED) ask()
    }

    @Deprecated("What came instead is of Android 13.")
    @Suppress("DEPRECATION")
    override fun onBackPressed() {
        if (state.mode == Mode.Live) super.onBackPressed() else onReturn()
    }

    private fun start(intent: Intent) {
        try {
            startActivity(intent)
        } catch (e: ActivityNotFoundException) {
            update { it.warned(Notice.NO_APP) }
        }
    }

    private fun startedFor(intent: Intent, request: Int): Boolean = try {
        startActivityForResult(intent, request)
        true
    } catch (e: ActivityNotFoundException) {
        false
    }

    private companion object {
        const val ASK = 1
        const val CHOOSE = 2
        const val SAVE = 3
    }
}
