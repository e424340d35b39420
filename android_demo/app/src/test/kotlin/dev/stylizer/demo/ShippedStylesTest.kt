package dev.stylizer.demo

import android.graphics.drawable.BitmapDrawable
import android.view.ViewGroup
import android.widget.ImageView
import dev.stylizer.core.Accelerator
import dev.stylizer.core.Report
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The screen with the styles that the APK brings along; the README's pictures are of it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w411dp-h891dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ShippedStylesTest {
    private val styles = AssetModels(RuntimeEnvironment.getApplication().assets).styles
    private val live = ScreenState.first(styles).styled("sketch").returned(granted = true)  // as the drawings are
        .camerasFound(setOf(Facing.FRONT, Facing.BACK))
        .reported(Report(Accelerator.GPU, null, 30f, emptyMap(), 1)).overlayToggled()

    @Test
    fun everyStyleIsOnTheStripWithItsPicture() {
        val stage = Stage(live)
        val strip = stage.view<ViewGroup>(R.id.styles)
        assertTrue("the APK has no styles", styles.isNotEmpty())
        assertEquals(styles.size, strip.childCount)
        for (n in styles.indices) {
            val thumbnail = strip.getChildAt(n).findViewById<ImageView>(R.id.thumbnail).drawable as BitmapDrawable
            assertTrue("${styles[n]} has no picture", thumbnail.bitmap.width > 50)
        }
        stage.publish(Drawings.picture(4))
        assertEquals(emptyList<String>(), stage.look().write("shipped-live").problems())
        stage.show(live.working().finished("a.jpg"), Drawings.bitmap(1))
        assertEquals(emptyList<String>(), stage.look().write("shipped-result").problems())
    }

    @Test
    @Config(qualifiers = "w891dp-h411dp-land-xhdpi")
    fun onItsSide() {
        val stage = Stage(live)
        stage.publish(Drawings.picture(8))
        assertEquals(emptyList<String>(), stage.look().write("shipped-land").problems())
    }
}
