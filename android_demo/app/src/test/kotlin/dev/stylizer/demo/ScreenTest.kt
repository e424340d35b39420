package dev.stylizer.demo

import android.graphics.Color
import android.graphics.Rect
import android.view.MotionEvent
import android.view.View
import android.view.ViewGroup
import android.widget.HorizontalScrollView
import android.widget.LinearLayout
import android.widget.SeekBar
import android.widget.TextView
import dev.stylizer.core.Accelerator
import dev.stylizer.core.Picture
import dev.stylizer.core.Report
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

private const val PHONE = "w411dp-h891dp-xhdpi"

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = PHONE)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ScreenTest {
    private val stages = mapOf(
        "convert" to 1.3f, "track" to 6.2f, "motion" to 2.4f, "bend" to 3.1f, "draw" to 14.8f, "paste" to 2.9f,
        "delay" to 41.5f)
    private val first = ScreenState.first(listOf("animation", "inkpaint", "oilpaint", "sketch", "watercolor"))
        .styled("sketch")
    private val live = first.returned(granted = true).camerasFound(setOf(Facing.FRONT, Facing.BACK))
        .reported(Report(Accelerator.GPU, null, 31.2f, stages, 1))
    private val noGpu = "Failed to apply delegate: Can not open OpenCL library on this device - dlopen failed: " +
        "library \"libOpenCL.so\" not found"
    private val result = live.working().finished("a.jpg")
    // what has no frames first: they stay
    private val states = mapOf(
        "permission-asked" to first.asking(),
        "permission-denied" to first.answered(granted = false, mayAskAgain = true),
        "permission-blocked" to first.answered(granted = false, mayAskAgain = false),
        "no-camera" to first.returned(granted = true).troubled(CameraTrouble.NONE_FOUND),
        "starting" to first.returned(granted = true),
        "live" to live.overlayToggled(),
        "live-measured" to live.exaggerated(0.5f).strengthened(0.8f),
        "live-cpu" to live.reported(Report(Accelerator.CPU, noGpu, 8.4f, stages, 3)),
        "capturing" to live.capturing(),
        "working" to live.working().progressed(0.43f),
        "failed" to live.working().gaveUp(Notice.DRAWING_FAILED, noGpu),
        "result" to result,
        "result-saving" to result.saving(),
        "result-saved" to result.saved("a.jpg", "content://1"),
        "result-unsaved" to result.unsaved(Notice.SAVE_FAILED))

    private fun everyStateLooksWellOn(device: String) {
        val drawing = Drawings.bitmap(1)
        val stage = Stage(states.values.first())
        val problems = states.flatMap { (name, state) ->
            if (state.report != null) stage.publish(Drawings.picture(0))
            stage.show(state, drawing.takeIf { state.mode is Mode.Result })
            stage.look().write("$device-$name").problems().map { "$name: $it" }
        }
        assertEquals("", problems.joinToString("\n"))
    }

    @Test
    fun phone() = everyStateLooksWellOn("phone")

    @Test
    @Config(qualifiers = "w914dp-h387dp-land-xhdpi")
    fun phoneOnItsSide() = everyStateLooksWellOn("phone-land")

    @Test
    @Config(qualifiers = "w320dp-h533dp-hdpi")
    fun smallPhone() = everyStateLooksWellOn("small")

    @Test
    @Config(qualifiers = "w533dp-h296dp-land-hdpi")
    fun smallPhoneOnItsSide() = everyStateLooksWellOn("small-land")

    @Test
    @Config(qualifiers = "w800dp-h1232dp-mdpi")
    fun tablet() = everyStateLooksWellOn("tablet")

    @Test
    fun largeText() {
        RuntimeEnvironment.setFontScale(1.5f)
        everyStateLooksWellOn("large-text")
    }

    @Test
    @Config(qualifiers = "w320dp-h533dp-hdpi")
    fun largeTextOnASmallPhone() {
        RuntimeEnvironment.setFontScale(1.5f)
        everyStateLooksWellOn("small-large-text")
    }

    @Test
    @Config(qualifiers = "+ar-ldrtl")
    fun rightToLeft() = everyStateLooksWellOn("right-to-left")

    @Test
    fun aBuildWithoutStylesSaysSo() {
        val stage = Stage(ScreenState.first(emptyList()).returned(granted = true))
        assertEquals(emptyList<String>(), stage.look().write("phone-no-styles").problems())
        assertEquals("This build of the app has no styles in it.", text(stage, R.id.message))
        assertFalse(stage.view<View>(R.id.choose_picture).isEnabled || stage.view<View>(R.id.take_photo).isEnabled)
    }

    @Test
    fun whatIsWrongIsFound() {
        val stage = Stage(live)
        fun problemsAfter(change: () -> Unit): List<String> {
            change()
            stage.view<View>(R.id.drawing).requestLayout()
            return stage.look().problems()
        }
        val label = stage.view<TextView>(R.id.strength_label)
        val choose = stage.view<View>(R.id.choose_picture)
        assertEquals(emptyList<String>(), problemsAfter { })
        assertTrue(problemsAfter { choose.contentDescription = null }.single().endsWith("has no description"))
        choose.contentDescription = "a"
        assertTrue(problemsAfter { label.setTextColor(Color.DKGRAY) }.single().contains("_label is hard to see"))
        label.setTextColor(Color.WHITE)
        assertTrue(problemsAfter { label.translationX = -40f }.single().startsWith("strength_label is cut off"))
        label.translationX = 0f
        assertTrue(problemsAfter { choose.translationX = 300f }.single().endsWith("lies on choose_picture"))
        choose.translationX = 0f
        assertTrue(problemsAfter { resize(label, 150, 20) }.any { it.startsWith("strength_label is cut: ") })
        assertTrue(problemsAfter { resize(label, 50, 200) }.any { it.startsWith("strength_label breaks a word") })
        resize(label, LinearLayout.LayoutParams.WRAP_CONTENT, LinearLayout.LayoutParams.WRAP_CONTENT)
        assertTrue(problemsAfter { resize(choose, 90, 90) }.any { it.startsWith("choose_picture is hard to touch") })
    }

    private fun resize(view: View, width: Int, height: Int) {
        view.layoutParams = view.layoutParams.also {
            it.width = width
            it.height = height
        }
    }

    @Test
    fun theNewestFrameIsShownWholeAndCentred() {
        val stage = Stage(live.overlayToggled())
        stage.publish(halves(Color.GREEN, Color.GREEN))
        stage.publish(halves(Color.RED, Color.BLUE))
        val view = stage.view<View>(R.id.drawing)
        val drawn = stage.look().bitmap
        val middle = view.height / 2
        val top = middle - view.width / 2
        assertEquals(Color.RED, drawn.getPixel(1, middle))
        assertEquals(Color.BLUE, drawn.getPixel(view.width - 2, middle))
        assertEquals(Color.RED, drawn.getPixel(view.width / 4, top + 2))
        assertEquals(stage.view<View>(R.id.drawing).context.getColor(R.color.background),
            drawn.getPixel(view.width / 4, top - 2))
    }

    private fun halves(left: Int, right: Int) = Picture(64, 64, IntArray(64 * 64) { if (it % 64 < 32) left else right })

    @Test
    fun aResultIsShownInsteadOfFramesAndNothingUntilItIsLoaded() {
        val stage = Stage(result)
        stage.publish(halves(Color.RED, Color.RED))
        val view = stage.view<View>(R.id.drawing)
        fun middle() = stage.look().bitmap.getPixel(view.width / 2, view.height / 2)
        assertEquals(view.context.getColor(R.color.background), middle())
        stage.show(result, halves(Color.BLUE, Color.BLUE).toBitmap())
        assertEquals(Color.BLUE, middle())
        stage.view<View>(R.id.back).performClick()
        assertEquals(Mode.Live, stage.state.mode)
        stage.publish(halves(Color.RED, Color.RED))
        assertEquals(Color.RED, middle())
    }

    @Test
    fun aTouchedThumbnailIsTheStyle() {
        val stage = Stage(live)
        val strip = stage.view<ViewGroup>(R.id.styles)
        fun selected() = (0 until strip.childCount).filter { strip.getChildAt(it).isSelected }
        assertEquals(live.styles.size, strip.childCount)
        assertEquals(listOf(3), selected())
        strip.getChildAt(1).performClick()
        assertEquals("inkpaint", stage.state.settings.style)
        assertEquals(listOf(1), selected())
        assertEquals("Inkpaint style", strip.getChildAt(1).contentDescription.toString())
    }

    @Test
    @Config(qualifiers = "w320dp-h533dp-hdpi")
    fun allStylesCanBeReached() {
        val stage = Stage(live)
        val strip = stage.view<ViewGroup>(R.id.styles)
        val scroll = strip.parent as HorizontalScrollView
        assertTrue(strip.width > scroll.width)
        scroll.scrollTo(strip.width, 0)
        val last = strip.getChildAt(strip.childCount - 1)
        assertTrue(last.right - scroll.scrollX <= scroll.width)
    }

    @Test
    @Config(qualifiers = "w320dp-h533dp-hdpi")
    fun theChosenStyleIsInSight() {
        val stage = Stage(live.styled("watercolor"))
        stage.look()
        val strip = stage.view<ViewGroup>(R.id.styles)
        assertTrue(strip.getChildAt(4).getGlobalVisibleRect(Rect()))
        assertFalse(strip.getChildAt(0).getGlobalVisibleRect(Rect()))
    }

    @Test
    fun slidersChangeTheSettings() {
        val stage = Stage(live)
        drag(stage.view(R.id.strength), 1f, 0.25f)
        assertEquals(0.25f, stage.state.settings.strength, 0.02f)
        assertEquals("Strength: ${stage.view<SeekBar>(R.id.strength).progress} %", text(stage, R.id.strength_label))
        drag(stage.view(R.id.exaggeration), 0.5f, 0.25f)
        assertEquals(-0.5f, stage.state.settings.exaggeration, 0.02f)
        val percent = stage.view<SeekBar>(R.id.exaggeration).progress
        assertEquals("$percent %", stage.view<SeekBar>(R.id.exaggeration).stateDescription.toString())
        assertEquals("sketch", stage.state.settings.style)
    }

    private fun drag(bar: SeekBar, from: Float, to: Float) {
        val width = bar.width - bar.paddingLeft - bar.paddingRight
        for ((n, event) in listOf(
            MotionEvent.ACTION_DOWN to from, MotionEvent.ACTION_MOVE to (from + to) / 2, MotionEvent.ACTION_MOVE to to,
            MotionEvent.ACTION_UP to to).withIndex()) {
            val x = bar.paddingLeft + event.second * width
            bar.dispatchTouchEvent(MotionEvent.obtain(0, 20L * n, event.first, x, bar.height / 2f, 0))
        }
    }

    private fun text(stage: Stage, id: Int) = stage.view<TextView>(id).text.toString()

    @Test
    fun measurementsSayWhatRuns() {
        val stage = Stage(live)
        assertEquals(
            listOf("31.2 frames/s", "GPU", "1 face", "convert 1.3 ms"), text(stage, R.id.overlay).lines().take(4))
        stage.show(states.getValue("live-cpu"))
        assertTrue(text(stage, R.id.overlay).contains("CPU, no GPU: $noGpu\n3 faces"))
        stage.view<View>(R.id.overlay).performClick()
        assertFalse(stage.state.overlay)
        assertEquals("", text(stage, R.id.overlay))
        stage.view<View>(R.id.overlay).performClick()
        assertTrue(text(stage, R.id.overlay).startsWith("8.4 frames/s"))
    }

    @Test
    fun buttonsWorkWhenTheyCan() {
        val stage = Stage(first.returned(granted = true))
        assertFalse(stage.view<View>(R.id.take_photo).isEnabled)
        assertEquals(View.INVISIBLE, stage.view<View>(R.id.switch_camera).visibility)
        stage.show(live)
        stage.view<View>(R.id.switch_camera).performClick()
        assertEquals(Facing.BACK, stage.state.facing)
        stage.view<View>(R.id.choose_picture).performClick()
        assertEquals(listOf("choose"), stage.touched)
        stage.view<View>(R.id.take_photo).performClick()
        assertEquals(Mode.Capturing, stage.state.mode)
        assertFalse(stage.view<View>(R.id.choose_picture).isEnabled || stage.view<View>(R.id.take_photo).isEnabled)
        stage.show(live.working())
        stage.view<View>(R.id.cancel).performClick()
        assertEquals(Mode.Live, stage.state.mode)
        stage.show(result)
        stage.view<View>(R.id.share).performClick()
        assertEquals(listOf("choose", "share"), stage.touched)
        stage.view<View>(R.id.save).performClick()
        assertTrue((stage.state.mode as Mode.Result).saving)
        assertFalse(stage.view<View>(R.id.save).isEnabled || stage.view<View>(R.id.share).isEnabled)
        stage.show(result.saved("a.jpg", "content://1"))
        assertEquals("Saved", text(stage, R.id.save))
        assertTrue(stage.view<View>(R.id.share).isEnabled)
    }

    @Test
    fun progressIsSaid() {
        val stage = Stage(live.working().progressed(0.43f))
        assertEquals("Drawing, 43 %", text(stage, R.id.working_text))
        assertEquals(View.INVISIBLE, stage.view<View>(R.id.live_controls).visibility)
    }
}
