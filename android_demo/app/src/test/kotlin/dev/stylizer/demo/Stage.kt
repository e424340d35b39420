package dev.stylizer.demo

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.os.Looper
import android.view.View
import dev.stylizer.core.Picture
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import java.io.File

/** The app's screen and its rules, without camera, networks and threads. */
class Stage(state: ScreenState) : Screen.Actions {
    private val activity = Robolectric.buildActivity(Activity::class.java)
        .apply { get().setTheme(R.style.Theme_Stylizer) }.setup().get().apply { setContentView(R.layout.activity_main) }
    private val frames = FrameExchange()
    private val window: View = activity.window.decorView
    private val screen = Screen(window, AssetModels(activity.assets), frames, this)

    /** What was touched that changes nothing here. */
    val touched = mutableListOf<String>()

    var state = state
        private set

    init {
        show(state)
    }

    fun show(state: ScreenState, still: Bitmap? = null) {
        this.state = state
        screen.render(state, still)
        settle()
    }

    fun publish(picture: Picture) = frames.publish(picture)

    fun look(): Look {
        settle()
        return Look(window)
    }

    fun <T : View> view(id: Int): T = window.findViewById(id)

    private fun settle() = shadowOf(Looper.getMainLooper()).idle()

    override fun onStyle(style: String) = show(state.styled(style))

    override fun onStrength(strength: Float) = show(state.strengthened(strength))

    override fun onExaggeration(exaggeration: Float) = show(state.exaggerated(exaggeration))

    override fun onOverlay() = show(state.overlayToggled())

    override fun onSwitchCamera() = show(state.facingSwitched())

    override fun onTakePhoto() = show(state.capturing())

    override fun onChoosePicture() = touched.plusAssign("choose")

    override fun onRemedy() = touched.plusAssign("remedy")

    override fun onSave() = show(state.saving())

    override fun onShare() = touched.plusAssign("share")

    override fun onReturn() = show(state.live())
}

/** Drawings that the Python package made: tests/android/conftest.py says where. */
object Drawings {
    private val folder = File(System.getProperty("stylizer.golden") ?: error("-Dstylizer.golden=folder is missing"))

    fun file(n: Int) = File(folder, "0$n-once.png")

    fun bitmap(n: Int): Bitmap = BitmapFactory.decodeFile(file(n).path) ?: error("${file(n)} is no picture")

    fun picture(n: Int): Picture = bitmap(n).toPicture(Orientation())
}

/** Lets the main thread work until [done]; else says that it is not [what]. */
fun await(what: String, done: () -> Boolean) = await({ what }, done)

fun await(what: () -> String, done: () -> Boolean) {
    repeat(1000) {
        shadowOf(Looper.getMainLooper()).idle()
        if (done()) return
        Thread.sleep(10)
    }
    throw AssertionError("in ten seconds: not ${what()}")
}
