// Shortcodes of emoji: the ones people use. A name may stand for one emoji only; an emoji may have several names.

const TABLE = `
smile 😄|grin 😁|joy 😂|rofl 🤣|slight_smile 🙂|smiley 😃|laughing 😆|sweat_smile 😅|wink 😉|blush 😊|innocent 😇
heart_eyes 😍|kissing_heart 😘|yum 😋|stuck_out_tongue 😛|zany 🤪|sunglasses 😎|nerd 🤓|star_struck 🤩|partying 🥳
smirk 😏|unamused 😒|disappointed 😞|worried 😟|confused 😕|slight_frown 🙁|cry 😢|sob 😭|angry 😠|rage 😡|flushed 😳
scream 😱|fearful 😨|hugging 🤗|thinking 🤔|shush 🤫|neutral 😐|expressionless 😑|rolling_eyes 🙄|grimacing 😬|relieved 😌
sleepy 😪|sleeping 😴|mask 😷|dizzy_face 😵|exploding_head 🤯|cowboy 🤠|skull 💀|ghost 👻|alien 👽|robot 🤖|poop 💩
wave 👋|ok_hand 👌|v ✌️|crossed_fingers 🤞|metal 🤘|point_left 👈|point_right 👉|point_up 👆|point_down 👇
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|fist ✊|clap 👏|raised_hands 🙌|open_hands 👐|pray 🙏|handshake 🤝|muscle 💪
eyes 👀|brain 🧠|shrug 🤷|facepalm 🤦|person_running 🏃|dancer 💃|baby 👶
heart ❤️|orange_heart 🧡|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|black_heart 🖤|broken_heart 💔
sparkling_heart 💖|100 💯|boom 💥|sweat_drops 💦|zzz 💤|fire 🔥|star ⭐|sparkles ✨|zap ⚡|sunny ☀️|cloud ☁️|rain 🌧️
snowflake ❄️|snowman ⛄|rainbow 🌈|umbrella ☔|ocean 🌊|moon 🌙|earth 🌍
dog 🐶|cat 🐱|mouse 🐭|fox 🦊|bear 🐻|panda 🐼|monkey 🐵|chicken 🐔|penguin 🐧|bird 🐦|duck 🦆|owl 🦉|eagle 🦅|swallow 🐦
frog 🐸|turtle 🐢|snake 🐍|octopus 🐙|fish 🐟|whale 🐳|dolphin 🐬|bee 🐝|bug 🐛|butterfly 🦋|snail 🐌|unicorn 🦄
flower 🌸|rose 🌹|sunflower 🌻|tulip 🌷|tree 🌳|cactus 🌵|four_leaf_clover 🍀|leaf 🍃|mushroom 🍄
apple 🍎|banana 🍌|grapes 🍇|watermelon 🍉|strawberry 🍓|lemon 🍋|cherry 🍒|avocado 🥑|pizza 🍕|burger 🍔|fries 🍟
taco 🌮|sushi 🍣|bread 🍞|cheese 🧀|egg 🥚|cookie 🍪|cake 🍰|birthday 🎂|icecream 🍦|chocolate 🍫|popcorn 🍿
coffee ☕|tea 🍵|beer 🍺|beers 🍻|wine 🍷|cocktail 🍸|champagne 🍾
soccer ⚽|basketball 🏀|tennis 🎾|dart 🎯|game 🎮|dice 🎲|trophy 🏆|medal 🏅|guitar 🎸|musical_note 🎵|notes 🎶
mic 🎤|headphones 🎧|art 🎨|movie 🎬|tada 🎉|confetti 🎊|balloon 🎈|gift 🎁|rocket 🚀|airplane ✈️|car 🚗|bike 🚲|train 🚆
house 🏠|office 🏢|tent ⛺|phone 📱|computer 💻|keyboard ⌨️|printer 🖨️|camera 📷|tv 📺|bulb 💡|battery 🔋|wrench 🔧
hammer 🔨|gear ⚙️|link 🔗|lock 🔒|unlock 🔓|key 🔑|bell 🔔|no_bell 🔕|mag 🔍|book 📖|books 📚|pencil ✏️|memo 📝
calendar 📅|chart 📈|clipboard 📋|pushpin 📌|paperclip 📎|scissors ✂️|envelope ✉️|email 📧|package 📦|inbox 📥
money 💰|dollar 💵|gem 💎|hourglass ⏳|alarm ⏰|stopwatch ⏱️|warning ⚠️|no_entry ⛔|x ❌|check ✅|white_check_mark ✅
question ❓|exclamation ❗|heavy_plus ➕|heavy_minus ➖|recycle ♻️|arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️
red_circle 🔴|green_circle 🟢|blue_circle 🔵|checkered_flag 🏁|rainbow_flag 🏳️‍🌈|bomb 💣|shield 🛡️|crystal_ball 🔮|wand 🪄
`;

/** @type {Map<string, string>} shortcode → emoji */
export const emojiByName = new Map(
  TABLE.split(/[|\n]/).filter((entry) => entry.includes(" ")).map((entry) => /** @type {[string, string]} */ (entry.split(" "))),
);

/** Shortcodes that contain what was typed; those that begin with it first. */
export function matchingEmoji(typed, most = 8) {
  const wanted = typed.toLowerCase();
  const names = [...emojiByName.keys()].filter((name) => name.includes(wanted));
  names.sort((a, b) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted)) || a.length - b.length);
  return names.slice(0, most).map((name) => ({ name, emoji: emojiByName.get(name) }));
}
